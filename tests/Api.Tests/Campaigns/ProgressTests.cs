using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Campaigns;

/// <summary>How far a campaign is, as its sponsor sees it too.</summary>
public sealed class ProgressTests
{
    private const string Progress = "/admin/campaigns/survey/progress";

    [Fact]
    public async Task What_was_paid_in_and_for_and_done_is_counted_and_stands_at_its_day()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "60.5");
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/fund", """{"amount_cents":0.0001}""", ("Idempotency-Key", "fund-2"))).Expect(200);
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        foreach (var text in new[] { "A long text.", "Another text." }) (await Run(api, token, text)).Expect(200);

        var told = (await api.Client.Admin(HttpMethod.Get, Progress)).Expect(200).Data;

        Assert.Equal([("runs_paid", 2), ("completions", 1), ("completions_withdrawn", 0), ("rewards_pending", 0), ("rewards_disputed", 0), ("rewards_paid", 0), ("rewards_returned", 0), ("refusals", 0)], Steps(told));
        Assert.Equal(30, told.GetProperty("days").GetArrayLength());
        var today = told.GetProperty("days").EnumerateArray().Last();
        Assert.Equal(("60.5001", 2, "50", "0"), (today.GetProperty("funded_cents").GetRawText(), today.GetProperty("payments").GetInt32(), today.GetProperty("amount_cents").GetRawText(), today.GetProperty("refunded_cents").GetRawText()));
        Assert.Equal("10.5001", told.GetProperty("escrow").GetProperty("remaining_cents").GetRawText());
        Assert.All(told.GetProperty("days").EnumerateArray().SkipLast(1), day => Assert.Equal("0", day.GetProperty("funded_cents").GetRawText()));
    }

    [Fact]
    public async Task What_was_withdrawn_and_earned_is_counted_by_how_it_stands()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Patch, "/admin/campaigns/survey", """{"reward_cents":5,"payout_delay_seconds":3600}""")).Expect(200);
        foreach (var n in Enumerable.Range(1, 3))
        {
            await api.Client.Complete(await api.Client.OpenSession(user: $"user-{n}", agent: $"agent-{n}"));
        }

        var consent = (await api.Client.Admin(HttpMethod.Get, "/admin/users/user-1/consents")).Expect(200).Data.GetProperty("consents")[0].GetProperty("consent_id").GetString();
        (await api.Client.Admin(HttpMethod.Delete, $"/admin/users/user-1/consents/{consent}")).Expect(200);

        var steps = Steps((await api.Client.Admin(HttpMethod.Get, Progress)).Expect(200).Data).ToDictionary();
        Assert.Equal((1, 3), (steps["completions_withdrawn"], steps["rewards_pending"] + steps["rewards_returned"]));
    }

    [Fact]
    public async Task What_is_anothers_is_not_counted_and_what_was_given_back_stands_at_its_day()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "30");
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/other", Support.Catalogue.Campaign)).Expect(200);
        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/other/fund", """{"amount_cents":7}""", ("Idempotency-Key", "fund-other"))).Expect(200);
        await api.Client.Deposit("text-provider");
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        var payment = (await Run(api, token, "A long text.")).Expect(200).Data.GetProperty("payment").GetProperty("payment_id").GetString();
        (await api.Client.Admin(HttpMethod.Post, $"/admin/payments/{payment}/refund", """{"amount_cents":10,"reason":"r"}""", ("Idempotency-Key", "back"))).Expect(200);

        (await Run(api, token, "Another text.")).Refused(402, Codes.PaymentRequired);

        Assert.Equal((1, "30", 1, "25", "10"), await Told(Progress));
        Assert.Equal((0, "7", 0, "0", "0"), await Told("/admin/campaigns/other/progress"));

        async Task<(int, string, int, string, string)> Told(string path)
        {
            var told = (await api.Client.Admin(HttpMethod.Get, path)).Expect(200).Data;
            var today = told.GetProperty("days").EnumerateArray().Last();
            return (Steps(told).ToDictionary()["refusals"], today.GetProperty("funded_cents").GetRawText(), today.GetProperty("payments").GetInt32(), today.GetProperty("amount_cents").GetRawText(), today.GetProperty("refunded_cents").GetRawText());
        }
    }

    [Theory]
    [InlineData("days=0")]
    [InlineData("days=31")]
    [InlineData("days=ten")]
    public async Task Days_that_are_none_are_refused(string query)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();

        (await api.Client.Admin(HttpMethod.Get, $"{Progress}?{query}")).Refused(422, Codes.ValidationFailed);
        Assert.Equal(3, (await api.Client.Admin(HttpMethod.Get, $"{Progress}?days=3")).Expect(200).Data.GetProperty("days").GetArrayLength());
    }

    [Fact]
    public async Task Its_sponsor_sees_it_and_nobody_elses_does()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Patch, "/admin/campaigns/survey", $$"""{"owner":"{{RunningApi.Owner}}"}""")).Expect(200);

        (await api.Client.Get(Progress, RunningApi.KeyOf(Role.Sponsor))).Expect(200);
        (await api.Client.Get(Progress, RunningApi.KeyOf(Role.Sponsor, "other"))).Refused(404, Codes.NotFound);
        (await api.Client.Get(Progress, RunningApi.KeyOf(Role.Principal))).Refused(403, Codes.Forbidden);
        (await api.Client.Get(Progress, RunningApi.SecondAdminKey)).Refused(404, Codes.NotFound);
        (await api.Client.Admin(HttpMethod.Get, "/admin/campaigns/none/progress")).Refused(404, Codes.NotFound);
    }

    private static Task<Received> Run(RunningApi api, string token, string text) => api.Client.Post("/agent/services/summary/run", token, JsonSerializer.Serialize(new { input = new { text } }));

    private static List<(string Step, int Count)> Steps(JsonElement told) => [.. told.GetProperty("steps").EnumerateArray().Select(static step => (step.GetProperty("step").GetString()!, step.GetProperty("count").GetInt32()))];
}
