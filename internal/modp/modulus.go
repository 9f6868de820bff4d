package modp

// The file has these numbers, because each program would wait for their computation.
// TestModulus computes the numbers.

// modulus is N = 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 * pi) + 1690314).
var modulus = Element{
	0xffffffffffffffff, 0x4b82d120a93ad2ca, 0x43db5bfce0fd108e, 0x08e24fa074e5ab31,
	0x770988c0bad946e2, 0xbbe117577a615d6c, 0x521f2b18177b200c, 0xd87602733ec86a64,
	0xf12ffa06d98a0864, 0xcee3d2261ad2ee6b, 0x1e8c94e04a25619d, 0xabf5ae8cdb0933d7,
	0xb3970f85a6e1e4c7, 0x8aea71575d060c7d, 0xecfb850458dbef0a, 0xa85521abdf1cba64,
	0xad33170d04507a33, 0x15728e5a8aaac42d, 0x15d2261898fa0510, 0x3995497cea956ae5,
	0xde2bcbf695581718, 0xb5c55df06f4c52c9, 0x9b2783a2ec07a28f, 0xe39e772c180e8603,
	0x32905e462e36ce3b, 0xf1746c08ca18217c, 0x670c354e4abc9804, 0x9ed529077096966d,
	0x1c62f356208552bb, 0x83655d23dca3ad96, 0x69163fa8fd24cf5f, 0x98da48361c55d39a,
	0xc2007cb8a163bf05, 0x49286651ece45b3d, 0xae9f24117c4b1fe6, 0xee386bfb5a899fa5,
	0x0bff5cb6f406b7ed, 0xf44c42e9a637ed6b, 0xe485b576625e7ec6, 0x4fe1356d6d51c245,
	0x302b0a6df25f1437, 0xef9519b3cd3a431b, 0x514a08798e3404dd, 0x020bbea63b139b22,
	0x29024e088a67cc74, 0xc4c6628b80dc1cd1, 0xc90fdaa22168c234, 0xffffffffffffffff,
}

// rr is R as an element: R^2 modulo N.
var rr = Element{
	0x2697ca9138d241cd, 0x3587f06960e7f138, 0x4f30b920e5c1db66, 0x95823215b15ba577,
	0x4335aacb64894d96, 0xae1284023c6ed6a3, 0xfc1187a5fa8406ab, 0x682aab9a15b17ffa,
	0xbc2b64cf26e335d7, 0x8aa61391abb0b76a, 0x1ef22571e41a52b2, 0x1d93075aa993d147,
	0xfea5187fa77dedda, 0xaf80d4b5443561c6, 0xb186424b83df2859, 0x1caefc188a59bc7f,
	0x1b9d01271d18f0c8, 0x3efef29dc3c0b3f4, 0x785483c608108c0c, 0x4f12768256e88b53,
	0xbfd961d538d6fcdd, 0xb41a05f078024208, 0x19cc8d59563706fb, 0x5a7795d86ecc4987,
	0x9a678bf4439f12eb, 0x7cda502ec043f99c, 0x0672a33d61e37f74, 0x19c2883eefc802af,
	0x7ded489e670d9c6f, 0xa73d01032c4b8e90, 0x8c6cbd34d5965134, 0x77a5c747d85b0a83,
	0x109d099e16fd7568, 0xa5daf736bc8d5e9e, 0x7139d0ab24b7e495, 0x49cd9d705da184d5,
	0x2276cb40571f2c1c, 0xaf0ec45cdc396086, 0xaa05da05c27fdd33, 0x9875d4c167db7edc,
	0x5caa69009fbf543f, 0xfa022336f28de772, 0xfae1cd10648bee54, 0x2ad479fe69695c75,
	0x84895a7c5542f96c, 0xa332e8e3e0669e0f, 0x44c4e4e431ad0295, 0x5ac8b4fb51df35da,
}

// one returns 1 as an element: R - N.
func one() (z Element) {
	for i, limb := range modulus {
		z[i] = ^limb // 2^3072 - 1 - N
	}
	z[0]++ // there is no carry, because the lowest limb of N is all ones
	return z
}

// N returns the modulus as Size big-endian bytes.
func N() []byte { return modulus.store() }
