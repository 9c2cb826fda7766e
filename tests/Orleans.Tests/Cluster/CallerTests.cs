using Agora.Contracts;

namespace Agora.Orleans.Tests.Cluster;

/// <summary>Tokens of callers: who is told by them, and until when.</summary>
public sealed class CallerTests
{
    private static readonly Caller Known = Caller.OfService("known", "a-key-that-both-know");
    private readonly Clock _clock = new();

    [Fact]
    public void A_token_tells_its_caller_and_is_the_same_until_it_is_renewed()
    {
        var signer = new CallerSigner(Known, _clock);
        var first = signer.Token;
        Assert.Same(Known, new CallerVerifier([Known], _clock).Verify(first));
        Assert.Same(first, signer.Token);
        _clock.Now += TimeSpan.FromMinutes(1);
        Assert.NotEqual(first, signer.Token);
    }

    [Fact]
    public void A_token_ends_after_five_minutes_also_where_it_is_remembered()
    {
        var (token, verifier) = (new CallerSigner(Known, _clock).Token, new CallerVerifier([Known], _clock));
        _clock.Now += TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2);
        Assert.NotNull(verifier.Verify(token));
        _clock.Now += TimeSpan.FromSeconds(2);
        Assert.Null(verifier.Verify(token));
        Assert.Null(new CallerVerifier([Known], _clock).Verify(token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("known")]
    [InlineData("known|9999999999|")]
    [InlineData("known|9999999999|00")]
    [InlineData("known|99999999999999999999|00")]
    [InlineData("||")]
    public void What_nobody_signed_tells_nobody(string? token) => Assert.Null(new CallerVerifier([Known], _clock).Verify(token));

    [Fact]
    public void A_token_that_was_changed_tells_nobody()
    {
        var token = new CallerSigner(Known, _clock).Token;
        var other = Caller.OfService("other", "another-key-of-another");
        var verifier = new CallerVerifier([Known, other], _clock);
        Assert.Null(verifier.Verify("other" + token["known".Length..]));
        Assert.Null(verifier.Verify(token[..^1] + (token[^1] == '0' ? '1' : '0')));
        Assert.NotNull(verifier.Verify(token));
    }

    [Fact]
    public void Callers_of_the_cluster_differ_by_name_and_by_master_key()
    {
        byte[] one = [.. Enumerable.Repeat((byte)1, 32)], two = [.. Enumerable.Repeat((byte)2, 32)];
        var keys = new[] { Caller.OfCluster("silo", one), Caller.OfCluster("front-end", one), Caller.OfCluster("silo", two) }.Select(c => Convert.ToHexString(c.Key.Span));
        Assert.Equal(3, keys.Distinct().Count());
        Assert.Equal(Caller.OfCluster("silo", one).Key.ToArray(), Caller.OfCluster("silo", one).Key.ToArray());
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
