package kit

import (
	"context"
	"errors"
	"strings"
	"time"

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
	if err != nil && !isLost(err) { // who cannot reach a host wants to know which
		return errors.New(Tell(err, nil))
	}
	return err
}

// Leftover is a pool that a run has left.
type Leftover struct {
	ID, Name, Run string
	Created       time.Time
}

// Left lists the pools of the kit that are there: those whose name has the prefix and that have
// the tag. They are those of one run, or of all runs if run is "". A pool that cannot be described
// is left out, and the error tells why.
func (s *Service) Left(ctx context.Context, run string) ([]Leftover, error) {
	api := s.Client()
	var left []Leftover
	var wrong []error
	pages := cip.NewListUserPoolsPaginator(api, &cip.ListUserPoolsInput{MaxResults: aws.Int32(poolsPerPage)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return left, errors.Join(append(wrong, err)...)
		}
		for _, pool := range page.UserPools {
			if !strings.HasPrefix(aws.ToString(pool.Name), Prefix) {
				continue
			}
			shown, err := api.DescribeUserPool(ctx, &cip.DescribeUserPoolInput{UserPoolId: pool.Id})
			if err == nil && shown.UserPool != nil {
				if of, ok := shown.UserPool.UserPoolTags[Tag]; ok && (run == "" || of == run) {
					left = append(left, Leftover{aws.ToString(pool.Id), aws.ToString(pool.Name), of, aws.ToTime(shown.UserPool.CreationDate)})
				}
			} else if err != nil && !errors.As(err, new(*types.ResourceNotFoundException)) {
				wrong = append(wrong, err)
			}
		}
	}
	return left, errors.Join(wrong...)
}

// Delete deletes pools, with their app clients and users. The error tells which are still there.
func (s *Service) Delete(ctx context.Context, pools []Leftover) error {
	var wrong []error
	for _, pool := range pools {
		if err := s.deletePool(ctx, pool.ID); err != nil {
			wrong = append(wrong, &NotDeletedError{pool.Name, err})
		}
	}
	return errors.Join(wrong...)
}

// NotDeletedError says that a pool is still there.
type NotDeletedError struct {
	Pool string // its name
	Err  error
}

func (e *NotDeletedError) Error() string { return e.Pool + " is still there: " + e.Err.Error() }

// Unwrap returns Err.
func (e *NotDeletedError) Unwrap() error { return e.Err }

// deletePool deletes a pool. A pool that is gone is no error.
func (s *Service) deletePool(ctx context.Context, id string) error {
	_, err := s.Client().DeleteUserPool(ctx, &cip.DeleteUserPoolInput{UserPoolId: &id})
	if errors.As(err, new(*types.ResourceNotFoundException)) {
		return nil
	}
	return err
}
