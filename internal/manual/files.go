package manual

import (
	"io/fs"
	"path/filepath"
	"strings"
)

// files returns the files of the module, and of the modules within it, that end
// with a suffix. The names are relative to root, with slashes.
func files(root, suffix string) (all []string, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (name == "testdata" || name == "node_modules" || name == "recordings" || name == "artefacts" || name[0] == '.') {
			return fs.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(name, suffix) {
			relative, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			all = append(all, filepath.ToSlash(relative))
		}
		return nil
	})
	return all, err
}
