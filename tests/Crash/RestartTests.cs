using Agora.Crash.Support;

namespace Agora.Crash;

/// <summary>A known way to lose budget for ever: the process dies between reserve and post, and nobody lets the reservation go.</summary>
public sealed class RestartTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Restart_between_reserve_and_post_voids_the_run_and_frees_what_it_held()
    {
        using var directory = new DataDirectory();
        await using var provider = await TextProvider.Start();
        var address = ServerProcess.FreeAddress();
        using var api = new ApiClient(address);
        await using var server = new RestartedServer(directory, address, provider.Allowed);
        await server.Start();
        await Market.Load(api, provider);
        var session = (await Market.Open(api, users: 1, sessionsOfEach: 1)).Single();
        var answer = provider.Hold();

        var run = api.Post(Market.RunRoute, session.Token, Market.Input("never answered"), "key-1");
        await Market.Eventually(() => Task.FromResult(provider.Calls.Count), calls => calls == 1, Bound); // reserved everywhere, and called
        Assert.Equal(2 * Market.PriceCents, await Held(api, session));
        await server.Kill();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => run);
        answer.SetResult();
        await server.Start();

        await Market.Eventually(() => Held(api, session), held => held == 0, Bound);
        var escrow = (await api.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow");
        Assert.Equal((0, Market.FundedCents), (escrow.GetProperty("spent_cents").GetDecimal(), escrow.GetProperty("remaining_cents").GetDecimal()));
        Assert.Equal("upstream_timeout", (await api.Post(Market.RunRoute, session.Token, Market.Input("never answered"), "key-1")).Code);
        (await api.Post(Market.RunRoute, session.Token, Market.Input("answered"), "key-2")).Expect(200);
    }

    /// <summary>In the session and in the campaign's escrow.</summary>
    private static async Task<decimal> Held(ApiClient api, OpenSession session) =>
        (await api.Admin(HttpMethod.Get, $"/admin/sessions/{session.Id}")).Expect(200).Data.GetProperty("budget").GetProperty("reserved_cents").GetDecimal()
        + (await api.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow").GetProperty("held_cents").GetDecimal();
}
