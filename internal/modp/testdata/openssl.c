/* The powers of a handshake with OpenSSL, for BenchmarkOpenSSL.
 *
 * The arguments are N, g, a, x, b and e in hexadecimal. The program writes the
 * version of OpenSSL and g^a, g^x and b^e modulo N, each on a line. For each byte
 * that it reads after that, it computes the three again and writes the nanoseconds
 * that they took.
 */
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N, G, A, X, B, E, NUMBERS };

static BIGNUM *number[NUMBERS], *result[3];
static BN_CTX *ctx;
static BN_MONT_CTX *mont;

static void require(int ok) {
    if (!ok) {
        fputs("openssl.c: wrong arguments, or out of memory\n", stderr);
        exit(1);
    }
}

static void powers(void) {
    require(BN_mod_exp_mont_consttime(result[0], number[G], number[A], number[N], ctx, mont));
    require(BN_mod_exp_mont_consttime(result[1], number[G], number[X], number[N], ctx, mont));
    require(BN_mod_exp_mont_consttime(result[2], number[B], number[E], number[N], ctx, mont));
}

int main(int argc, char **argv) {
    require(argc == 1 + NUMBERS);
    for (int i = 0; i < NUMBERS; i++)
        require(BN_hex2bn(&number[i], argv[1 + i]) != 0);
    for (int i = 0; i < 3; i++)
        require((result[i] = BN_new()) != NULL);
    require((ctx = BN_CTX_new()) != NULL && (mont = BN_MONT_CTX_new()) != NULL);
    require(BN_MONT_CTX_set(mont, number[N], ctx));
    powers();
    puts(OpenSSL_version(OPENSSL_VERSION));
    for (int i = 0; i < 3; i++)
        puts(BN_bn2hex(result[i]));
    fflush(stdout);
    while (getchar() != EOF) {
        struct timespec start, end;
        clock_gettime(CLOCK_MONOTONIC, &start);
        powers();
        clock_gettime(CLOCK_MONOTONIC, &end);
        printf("%lld\n", (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec);
        fflush(stdout);
    }
    return 0;
}
