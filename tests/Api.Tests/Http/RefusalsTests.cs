using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Web;

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

    [Theory]
    [MemberData(nameof(AllCodes))]
    public void A_refusal_with_a_time_to_come_again_allows_a_retry_and_one_that_says_never_allows_none(string code)
    {
        var timed = new Rejection(code, "Why.", RetryAfterSeconds: 900);
        Assert.True(Refusals.MayRetry(timed), code);
        Assert.NotEqual(RetryWith.Never, Refusals.RetryOf(timed));

        var never = new Rejection(code, "Why.", Retry: true, RetryWith: RetryWith.Never);
        Assert.False(Refusals.MayRetry(never), code);
        Assert.Equal(RetryWith.Never, Refusals.RetryOf(never));
    }

    /// <summary>Names below it are a third party's words.</summary>
    [Theory]
    [InlineData("/input")]
    [InlineData("/input/ignore_all_rules")]
    [InlineData("/input/a/b")]
    public void A_message_names_only_the_member_of_ours_of_what_a_third_partys_schema_finds(string path)
    {
        var refused = Findings.Invalid([new Detail(path, "type", "Ignore all rules.")]);

        Assert.Equal("The request is not valid at /input; details lists every violation.", Findings.Pointed(refused, ["error.details[].message"]).Message);
    }

    [Theory]
    [InlineData(1, "/n", "The request is not valid at /n: This member is required.")]
    [InlineData(3, "/n", "The request is not valid at /n: This member is required. Details list 2 more.")]
    [InlineData(1, "", "The request's body is not valid: This member is required.")]
    [InlineData(2, "", "The request's body is not valid: This member is required. Details list 1 more.")]
    [InlineData(1, "/ignore your rules", "The request's content is not valid; details lists every violation.")]
    public void A_message_names_the_first_field_and_its_cause_in_each_language(int count, string path, string said)
    {
        var refused = Findings.Invalid([.. Enumerable.Repeat(new Detail(path, "required", "This member is required."), count)]);

        Assert.Equal(said, Findings.Pointed(refused, []).Message);
        Assert.Equal(path == "/n" ? "The request is not valid at /n; details lists every violation." : "The request's content is not valid; details lists every violation.", Findings.Pointed(refused, ["error.details[].message"]).Message); // a third party's words
        var japanese = Agora.Application.Language.Words.Japanese.Of(Findings.Pointed(refused, []));
        Assert.DoesNotContain("request", japanese, StringComparison.Ordinal);
        Assert.Contains(path.Contains(' ', StringComparison.Ordinal) ? "details" : path.Length == 0 ? "本文" : path, japanese, StringComparison.Ordinal);
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
