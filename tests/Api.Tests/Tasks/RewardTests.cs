using System.Text.Json;
using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Tasks;

public sealed class RewardTests
{
    private const string Campaign = "/admin/campaigns/survey";
    private const string Task = "/agent/tasks/survey";

    [Fact]
    public async Task A_completed_task_pays_its_reward_into_the_agents_wallet()
    {
        await using var api = await Rewarding();
        var token = await api.Client.OpenSession();

        Assert.Equal("40", (await api.Client.Get(Task, token)).Expect(200).Data.GetProperty("reward_cents").GetRawText());
        Assert.Equal("40", (await api.Client.Get("/agent/tasks", token)).Expect(200).Data.GetProperty("tasks")[0].GetProperty("reward_cents").GetRawText());
        var done = (await api.Client.Post(Task + "/complete", token, Support.Catalogue.Completion)).Expect(201);

        Assert.Equal("40 pending", Texts(done.Data.GetProperty("reward"), "amount_cents", "state"));
        Assert.NotEqual(JsonValueKind.Null, done.Data.GetProperty("reward").GetProperty("pays_at").ValueKind);
        await Balance(api, "40");
        var entry = (await api.Client.Get("/agent/wallet/statement", token)).Expect(200).Data.GetProperty("entries")[0];
        Assert.Equal($"reward campaign/survey 40 40 {done.Data.GetProperty("completion_id").GetString()}", Texts(entry, "kind", "counterparty", "amount_cents", "balance_cents", "reference"));
        Assert.Equal("40 0 0", await Rewards(api));
        Assert.Equal("0", (await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").GetRawText());
    }

    private static async Task<RunningApi> Rewarding(string terms = "", string fundCents = "1000")
    {
        var api = await RunningApi.Start();
        await api.Client.Load(fundCents);
        (await api.Client.Admin(HttpMethod.Put, Campaign, Support.Catalogue.Campaign.TrimEnd()[..^1] + ",\"reward_cents\":40" + terms + "}")).Expect(200);
        return api;
    }

    /// <summary>What a campaign owes arrives by messages of its own.</summary>
    private static async Task Balance(RunningApi api, string cents, string agent = "agent-1")
    {
        while ((await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/agent:{agent}")) is var wallet && (wallet.Status != 200 || wallet.Data.GetProperty("balance_cents").GetRawText() != cents))
        {
            await System.Threading.Tasks.Task.Yield();
        }
    }

    private static async Task<string> Rewards(RunningApi api) =>
        Texts((await api.Client.Admin(HttpMethod.Get, Campaign)).Expect(200).Data.GetProperty("rewards"), "paid_cents", "pending_cents", "disputed_cents");

    private static string Texts(JsonElement data, params string[] names) => string.Join(' ', names.Select(n => data.GetProperty(n).ToString()));
}
