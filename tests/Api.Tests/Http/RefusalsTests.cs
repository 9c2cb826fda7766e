using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Api.Tests.Http;

public sealed class RefusalsTests
{
    public static TheoryData<string> AllCodes => [.. Refusals.AllCodes];

    [Theory]
    [MemberData(nameof(AllCodes))]
    public void Each_code_says_how_to_try_again_and_what_may_be_tried_again_says_with_which_key(string code)
    {
        var usual = new Rejection(code, "Why.");
        Assert.Equal(Codes.RetryOf(code), Refusals.RetryOf(usual));
        Assert.True(!Refusals.MayRetry(usual) || Refusals.RetryOf(usual) != RetryWith.Never, code);
        Assert.NotEqual(RetryWith.Never, Refusals.RetryOf(usual with { Retry = true }));
    }

    [Fact]
    public void A_rejection_that_is_another_case_than_its_codes_says_so_itself()
    {
        Assert.Equal(RetryWith.NewKey, Refusals.RetryOf(RunRejection.RunFailed(Guid.NewGuid(), Codes.Unavailable, "Why.")));
        Assert.Equal(RetryWith.SameKey, Refusals.RetryOf(RunRejection.ServiceDisabled));
        Assert.Equal(RetryWith.NewKey, Refusals.RetryOf(RunRejection.Duplicate(Guid.NewGuid(), 10)));
        Assert.Equal(RetryWith.SameKey, Refusals.RetryOf(UserRejection.CompletingElsewhere));
        Assert.Equal(RetryWith.Never, Refusals.RetryOf(UserRejection.AlreadyCompleted(Guid.NewGuid())));
    }
}
