using Agora.Api.Tests.Support;
using Agora.Application.Catalogue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Agora.Api.Tests.Campaigns;

/// <summary>What operators see of a campaign that runs and completions used up, and what agents are offered of it.</summary>
public sealed class ExhaustionTests
{
    private const string Run = "/agent/services/summary/run";

    [Fact]
    public async Task The_list_of_campaigns_shows_what_was_spent_and_completed()
    {
        await using var api = await RunningApi.Start();
        await Spend(api, fundCents: "30");

        var listed = (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns")).Expect(200).Data.GetProperty("campaigns")[0];
        var alone = (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data;

        Assert.Equal(("25", 1), (listed.GetProperty("escrow").GetProperty("spent_cents").GetRawText(), listed.GetProperty("completions").GetInt32()));
        Assert.Equal(alone.WithoutLinks(), listed.WithoutLinks());
    }

    [Fact]
    public async Task An_exhausted_campaign_is_offered_to_nobody_until_it_is_funded_again()
    {
        await using var api = await RunningApi.Start();
        await Spend(api, fundCents: "30");
        var other = await api.Client.OpenSession(user: "user-2", agent: "agent-2");

        await Offered(api, other, 0);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":25}""", ("Idempotency-Key", "again"))).Expect(200);

        await Offered(api, other, 1);
    }

    [Fact]
    public async Task A_campaign_that_has_its_completions_is_offered_to_nobody()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var limited = Support.Catalogue.Campaign.Replace("\"runs_per_completion\":2", "\"runs_per_completion\":2,\"max_completions\":1", StringComparison.Ordinal);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", limited)).Expect(200);
        var other = await api.Client.OpenSession(user: "user-2", agent: "agent-2");
        await Offered(api, other, 1);

        await api.Client.Complete(await api.Client.OpenSession());

        await Offered(api, other, 0);
    }

    private static async Task Spend(RunningApi api, string fundCents)
    {
        await api.Client.Load(fundCents);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        (await api.Client.Post(Run, token, Support.Catalogue.Input)).Expect(200);
    }

    // The catalogue follows the campaign, so it is read until it shows the number.
    private static async Task Offered(RunningApi api, string token, int wanted)
    {
        var feed = api.Services.GetServices<IHostedService>().OfType<CatalogueFeed>().Single();
        using var late = new CancellationTokenSource(Hang.Timeout);
        do
        {
            late.Token.ThrowIfCancellationRequested();
            await feed.Refresh(late.Token);
        }
        while ((await api.Client.Get("/agent/tasks", token)).Expect(200).Data.GetProperty("total_count").GetInt32() != wanted);
    }
}
