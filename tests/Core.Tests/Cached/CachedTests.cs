using System.Text;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Cache = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Cached.CachedState, Agora.Core.Cached.CachedCommand, Agora.Core.Cached.CachedEvent>;

namespace Agora.Core.Tests.Cached;

public sealed class CachedTests
{
    private static readonly Guid First = Guid.Parse("01957a00-0000-7000-8000-000000000001");
    private static readonly Guid Second = Guid.Parse("01957a00-0000-7000-8000-000000000002");
    private static readonly Personal Reply = new("[]"u8.ToArray());

    [Fact]
    public void Whoever_asks_first_calls_and_the_others_are_told_who_does()
    {
        var cache = NewCache();
        var claimed = new CachedView(First, "s-1", cache.Now);
        cache.When(Claim(First)).Then(new CachedEvent.Claimed(First, "s-1")).ThenAnswered(claimed)
            .When(Claim(First)).Then().ThenAnswered(claimed)
            .When(Claim(Second)).Then().ThenAnswered(claimed);
    }

    [Fact]
    public void A_reply_is_taken_while_it_is_no_older_than_wanted()
    {
        var cache = NewCache().When(Claim(First));
        var claimedAt = cache.Now;
        cache = cache.After(TimeSpan.FromSeconds(5)).When(new CachedCommand.Fill(First, 700, Reply)).Then(new CachedEvent.Filled(First, 700) { Reply = Reply });
        var filled = new CachedView(First, "s-1", claimedAt, cache.Now, 700, Reply);
        cache.After(TimeSpan.FromSeconds(59.999)).When(Claim(Second)).Then().ThenAnswered(filled);
        cache.After(TimeSpan.FromMilliseconds(1)).When(Claim(Second)).Then(new CachedEvent.Claimed(Second, "s-2"));
    }

    [Fact]
    public void Only_the_run_that_has_the_claim_fills_or_releases_it()
    {
        NewCache().When(new CachedCommand.Fill(First, 1, Reply)).Then()
            .When(Claim(First))
            .When(new CachedCommand.Fill(Second, 1, Reply)).Then()
            .When(new CachedCommand.Release(Second)).Then()
            .When(new CachedCommand.Release(First)).Then(new CachedEvent.Released(First))
            .When(new CachedCommand.Fill(First, 1, Reply)).Then()
            .When(Claim(Second)).Then(new CachedEvent.Claimed(Second, "s-2"))
            .When(new CachedCommand.Fill(Second, 1, Reply)).Then(new CachedEvent.Filled(Second, 1) { Reply = Reply })
            .When(new CachedCommand.Release(Second)).Then()
            .When(new CachedCommand.Fill(Second, 2, Reply)).Then();
    }

    [Fact]
    public void A_reply_is_dropped_with_a_response_that_has_it_and_a_call_of_another_run_goes_on()
    {
        var filled = NewCache().When(Claim(First)).When(new CachedCommand.Fill(First, 1, Reply));
        filled.When(new CachedCommand.Release(First)).Then();
        filled.When(new CachedCommand.Release(Second, Filled: true)).Then(new CachedEvent.Released(Second))
            .When(Claim(Second)).Then(new CachedEvent.Claimed(Second, "s-2"))
            .When(new CachedCommand.Release(First, Filled: true)).Then()
            .When(new CachedCommand.Fill(Second, 1, Reply)).Then(new CachedEvent.Filled(Second, 1) { Reply = Reply });
    }

    [Fact]
    public void A_claim_stands_no_longer_than_a_call_may_take()
    {
        var cache = NewCache().When(Claim(First)).After(Limits.ModelCallAtMost - TimeSpan.FromMilliseconds(1));
        cache.When(Claim(Second)).Then();
        cache.After(TimeSpan.FromMilliseconds(1)).When(Claim(Second)).Then(new CachedEvent.Claimed(Second, "s-2"));
    }

    [Fact]
    public void A_reply_whose_users_key_is_gone_is_none()
    {
        NewCache().Given(new CachedEvent.Claimed(First, "s-1"), new CachedEvent.Filled(First, 700))
            .When(Claim(Second)).Then(new CachedEvent.Claimed(Second, "s-2"));
    }

    [Fact]
    public void Whatever_makes_a_request_anothers_makes_another_id()
    {
        static string Of(string user = "ann", string agents = "a", string model = "m", long version = 0, string asked = "{}", byte secret = 0) =>
            CachedIds.Of([secret], user, agents, model, DateTimeOffset.UnixEpoch.AddTicks(version), Encoding.UTF8.GetBytes(asked));

        string[] ids = [Of(), Of(user: "bob"), Of(agents: "b"), Of(model: "n"), Of(version: 1), Of(asked: "{ }"), Of(secret: 1), Of(agents: "a\nm", model: "")];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(Of(), Of());
        Assert.Equal("ann", OwnedIds.UserOf(Of()));
        
    }

    private static Cache NewCache() => Cache.Of(Tenant.Default.Cached(OwnedIds.Of(First, "ann"))).Natural(static _ => true).Anew(static (_, _) => true);

    private static CachedCommand.Claim Claim(Guid run) => new(run, run == First ? "s-1" : "s-2", 60);
}
