package kit

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

const (
	// Prefix begins the name of each pool of the kit.
	Prefix = "cognitoflow-live-"
	// Tag is the key of the tag that each pool of the kit has. Its value is the run.
	Tag = "cognitoflow-live"

	poolsPerPage = 60
)

// Reach asks the service for one pool. It fails if there is no such region, if the credentials
// are refused, or if the network is down.
func (s *Service) Reach(ctx context.Context) error {
	_, err := s.Client().ListUserPools(ctx, &cip.ListUserPoolsInput{MaxResults: aws.Int32(1)}, func(o *cip.Options) { o.RetryMaxAttempts = 2 })
	if err != nil {
		return err
	}
	return nil
}

// Left lists the pools of the kit that are there: those whose name has the prefix and
// that have the tag. They are those of one run, or of all runs if run is "".
func (s *Service) Left(ctx context.Context, run string) ([]string, error) {
	api := s.Client()
	var left []string
	pages := cip.NewListUserPoolsPaginator(api, &cip.ListUserPoolsInput{MaxResults: aws.Int32(poolsPerPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return left, err
		}
		for _, pool := range page.UserPools {
			if !strings.HasPrefix(aws.ToString(pool.Name), Prefix) {
				continue
			}
			shown, err := api.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: pool.Id})
			var gone *types.ResourceNotFoundException
			switch {
			case errors.As(err, &gone):
			case err != nil:
				return left, err
			case isOf(shown.UserPool.UserPoolTags, run):
				left = append(left, aws.ToString(pool.Id))
			}
		}
	}
	return left, nil
}

// isOf says whether the tags are those of a pool of the run, or of any run.
func isOf(tags map[string]string, run string) bool {
	of, ok := tags[Tag]
	return ok && (run == "" || of == run)
}

// Clean deletes the pools that Left lists, with their app clients and users. It returns
// how many it has deleted.
func (s *Service) Clean(ctx context.Context, run string) (int, error) {
	left, err := s.Left(ctx, run)
	deleted := 0
	wrong := []error{err}
	for _, id := range left {
		if err := s.deletePool(ctx, id); err != nil {
			wrong = append(wrong, err)
		} else {
			deleted++
		}
	}
	return deleted, errors.Join(wrong...)
}

// deletePool deletes a pool. A pool that is gone is no error.
func (s *Service) deletePool(ctx context.Context, id string) error {
	_, err := s.Client().DeleteUserPool(ctx, &cip.DeleteUserPoolInput{UserPoolId: &id})
	var gone *types.ResourceNotFoundException
	if err != nil && !errors.As(err, &gone) {
		return err
	}
	return nil
}
