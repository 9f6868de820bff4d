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
	// Tag is the key of the tag of each pool of the kit. The value is the name of the run.
	Tag = "cognitoflow-live"

	poolsPerPage = 60
)

// Reach asks the service for one pool. Reach fails if the region does not exist, if the service
// refuses the credentials, or if the network is down.
func (s *Service) Reach(ctx context.Context) error {
	_, err := s.Client().ListUserPools(ctx, &cip.ListUserPoolsInput{MaxResults: aws.Int32(1)}, func(o *cip.Options) { o.RetryMaxAttempts = 2 })
	if err != nil && !isLost(err) { // the error of the network names the host
		return errors.New(Tell(err, nil))
	}
	return err
}

// Leftover is a pool of an earlier run.
type Leftover struct {
	ID, Name, Run string
	Created       time.Time
}

// Left returns the pools of the kit: pools with the prefix in the name, and with the tag. If run is
// empty, the result has the pools of all runs. If the service describes a pool with an error, the
// result lacks the pool, and the error gives the reason.
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

// Delete deletes pools, with their app clients and users. The error names the pools that still exist.
func (s *Service) Delete(ctx context.Context, pools []Leftover) error {
	var wrong []error
	for _, pool := range pools {
		if err := s.deletePool(ctx, pool.ID); err != nil {
			wrong = append(wrong, &NotDeletedError{pool.Name, err})
		}
	}
	return errors.Join(wrong...)
}

// NotDeletedError means that a pool still exists.
type NotDeletedError struct {
	Pool string // the name of the pool
	Err  error
}

func (e *NotDeletedError) Error() string { return e.Pool + " still exists: " + e.Err.Error() }

// Unwrap returns Err.
func (e *NotDeletedError) Unwrap() error { return e.Err }

// deletePool deletes a pool. A missing pool is no error.
func (s *Service) deletePool(ctx context.Context, id string) error {
	_, err := s.Client().DeleteUserPool(ctx, &cip.DeleteUserPoolInput{UserPoolId: &id})
	if errors.As(err, new(*types.ResourceNotFoundException)) {
		return nil
	}
	return err
}
