using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Microsoft.Extensions.DependencyInjection;
using Received = Agora.Api.Tests.Support.Received;

namespace Agora.Api.Tests.Wallets;

public sealed class WalletTests
{
    private const string Wallet = "/admin/wallets/agent:agent-1";

    [Fact]
    public async Task A_deposit_and_a_withdrawal_move_money_and_the_world_mirrors_them()
    {
        await using var api = await RunningApi.Start();

        Assert.Equal("100.5", Balance(await Move(api, "deposit", "100.5", "k1")));
        var left = await Move(api, "withdraw", "30", "k2");

        Assert.Equal("70.5 70.5 0 100.5 30", Texts(left.Expect(200).Data, "balance_cents", "available_cents", "held_cents", "entered_cents", "left_cents"));
        Assert.Equal(left.Data.WithoutLinks(), (await api.Client.Admin(HttpMethod.Get, Wallet)).Expect(200).Data.WithoutLinks());
        var world = (await api.Client.Admin(HttpMethod.Get, "/admin/wallets/world")).Expect(200).Data;
        Assert.Equal("world -70.5 30 100.5", Texts(world, "wallet_id", "balance_cents", "received_cents", "paid_cents"));
    }

    [Fact]
    public async Task A_repeat_with_the_same_key_moves_nothing_and_another_body_is_idempotency_conflict()
    {
        await using var api = await RunningApi.Start();
        (await Move(api, "deposit", "100", "k1")).Expect(200);
        (await Move(api, "deposit", "5", "k2")).Expect(200);

        var again = (await Move(api, "deposit", "100", "k1")).Expect(200);

        Assert.Equal(("true", "100"), (again.Header("Idempotent-Replayed"), Balance(again)));
        Assert.Equal("105", Balance(await api.Client.Admin(HttpMethod.Get, Wallet)));
        (await Move(api, "deposit", "101", "k1")).Refused(409, "idempotency_conflict");
        (await Move(api, "withdraw", "100", "k1")).Refused(409, "idempotency_conflict");
    }

    [Fact]
    public async Task A_withdrawal_of_more_than_is_there_is_refused_payment_required_with_what_is_available()
    {
        await using var api = await RunningApi.Start();
        (await Move(api, "deposit", "10", "k1")).Expect(200);

        var refused = (await Move(api, "withdraw", "10.0001", "k2")).Refused(402, "payment_required");

        Assert.Equal(10, refused.Error.GetProperty("details").GetProperty("available_cents").GetInt32());
        Assert.Equal("10", Balance(await api.Client.Admin(HttpMethod.Get, Wallet)));
    }

    [Fact]
    public async Task A_statement_is_newest_first_and_can_be_paged_and_cut_by_time()
    {
        await using var api = await RunningApi.Start();
        (await Move(api, "deposit", "100", "k1", "first")).Expect(200);
        (await Move(api, "withdraw", "30", "k2")).Expect(200);
        (await Move(api, "deposit", "5", "k3")).Expect(200);

        var all = await Statement(api, "");
        Assert.Equal(["3 deposit 5 75", "2 withdrawal -30 70", "1 deposit 100 100"], Lines(all));
        Assert.Equal("first world", Texts(all.GetProperty("entries")[2], "memo", "counterparty"));
        var page = await Statement(api, "?offset=1&limit=1");
        Assert.Equal(["2 withdrawal -30 70"], Lines(page));
        Assert.Equal("3 1 1", Texts(page, "total_count", "offset", "limit"));

        var second = all.GetProperty("entries")[1].GetProperty("at").GetString()!;
        Assert.Equal(["1 deposit 100 100"], Lines(await Statement(api, $"?to={second}")));
        Assert.Equal(["3 deposit 5 75", "2 withdrawal -30 70"], Lines(await Statement(api, $"?from={second}")));
    }

    [Fact]
    public async Task A_statement_comes_as_CSV_when_asked_for_and_a_memo_is_no_formula()
    {
        await using var api = await RunningApi.Start();
        (await Move(api, "deposit", "1.25", "k1", "=1+1, \\\"x\\\"")).Expect(200);

        var lines = (await api.Client.Text($"{Wallet}/statement", RunningApi.AdminKey, "text/csv")).Split("\r\n");

        Assert.Equal("entry,at,kind,counterparty,amount_cents,balance_cents,memo,reference", lines[0]);
        Assert.StartsWith("1,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",deposit,world,1.25,1.25,\"'=1+1, \"\"x\"\"\",", lines[1], StringComparison.Ordinal);
        Assert.Equal("", lines[2]);
    }

    [Fact]
    public async Task Lists_and_the_trial_balance_tell_of_all_wallets()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load(fundCents: "200");
        (await Move(api, "deposit", "100", "k1")).Expect(200);
        (await Move(api, "deposit", "50", "k2", wallet: "/admin/wallets/fee")).Expect(200);

        var list = (await api.Client.Admin(HttpMethod.Get, "/admin/wallets")).Expect(200).Data;
        Assert.Equal(["agent:agent-1 100", "fee 50"], list.GetProperty("wallets").EnumerateArray().Select(w => Texts(w, "wallet_id", "balance_cents")));
        Assert.Equal(2, list.GetProperty("total_count").GetInt32());
        Assert.Equal("0 0 0", Texts(await TrialBalance(api), "funds_cents", "in_transit_cents", "sum_cents"));
        Assert.Equal("-350", Balance(await api.Client.Admin(HttpMethod.Get, "/admin/wallets/world")));
    }

    [Fact]
    public async Task A_sponsored_run_adds_up_before_and_after_its_payment_arrives()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();
        await api.Client.Complete(token);
        (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200);

        (await api.Client.Admin(HttpMethod.Post, "/admin/campaigns/survey/close", null, ("Idempotency-Key", "close"))).Expect(200);

        Assert.Equal("0", Texts(await TrialBalance(api), "sum_cents"));
    }

    [Fact]
    public async Task An_agent_sees_its_own_wallet_and_each_look_is_audited()
    {
        await using var api = await RunningApi.Start();
        var token = await api.Client.OpenSession();
        var empty = (await api.Client.Get("/agent/wallet", token)).Expect(200);
        Assert.Equal("agent:agent-1 0 0", Texts(empty.Data, "wallet_id", "balance_cents", "available_cents"));
        Assert.NotNull(empty.Header("RateLimit-Remaining"));
        (await Move(api, "deposit", "100", "k1", "welcome")).Expect(200);
        (await Move(api, "deposit", "7", "k2", wallet: "/admin/wallets/agent:agent-2")).Expect(200);

        Assert.Equal("100", Balance(await api.Client.Get("/agent/wallet", token)));
        var statement = (await api.Client.Get("/agent/wallet/statement", token)).Expect(200);
        Assert.Equal(["1 deposit 100 100"], Lines(statement.Data));
        Assert.Equal(
            ["entry", "at", "kind", "counterparty", "amount_cents", "balance_cents", "memo", "reference"],
            statement.Data.GetProperty("entries")[0].EnumerateObject().Select(m => m.Name));
        Assert.Equal("data.entries[].memo", statement.Json.GetProperty("untrusted_fields")[0].GetString());
        Assert.Contains("1,", await api.Client.Text("/agent/wallet/statement", token, "text/csv"), StringComparison.Ordinal);

        // A refusal is journaled before its answer, and reads go along with it.
        (await api.Client.Post("/agent/services/none/run", token, """{"input":1}""")).Refused(404, "not_found");
        var history = (await api.Client.Get("/agent/audit/history", token)).Expect(200).Data;
        var operations = history.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("operation").GetString()).ToList();
        Assert.Equal((2, 2), (operations.Count(o => o == "get_wallet"), operations.Count(o => o == "wallet_statement")));
    }

    [Fact]
    public async Task A_memo_about_a_user_is_shown_to_sessions_of_that_user_and_to_operators()
    {
        await using var api = await RunningApi.Start();
        var memo = await api.Services.GetRequiredService<IPersonalTexts>().Seal(Tenant.Default, "user-1", "for the diagnosis", CancellationToken.None);
        await api.Services.GetRequiredService<IEntities>().Wallet("agent:agent-1").Send(new WalletCommand.Deposit(5, memo), new(Guid.CreateVersion7()));
        (await Move(api, "deposit", "1", "k1", "top-up")).Expect(200);

        Assert.Equal("top-up for the diagnosis", await Memos(await api.Client.OpenSession()));
        Assert.Equal("top-up ", await Memos(await api.Client.OpenSession(user: "user-2")));
        Assert.Equal("for the diagnosis", (await Statement(api, "")).GetProperty("entries")[1].GetProperty("memo").GetString());

        async Task<string> Memos(string token) =>
            string.Join(' ', (await api.Client.Get("/agent/wallet/statement", token)).Expect(200).Data.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("memo").GetString()));
    }

    private static Task<Received> Move(RunningApi api, string act, string cents, string key, string? memo = null, string wallet = Wallet) => api.Client.Admin(
        HttpMethod.Post, $"{wallet}/{act}", memo is null ? $$"""{"amount_cents":{{cents}}}""" : $$"""{"amount_cents":{{cents}},"memo":"{{memo}}"}""", ("Idempotency-Key", key));

    private static async Task<JsonElement> Statement(RunningApi api, string query) => (await api.Client.Admin(HttpMethod.Get, $"{Wallet}/statement{query}")).Expect(200).Data;

    private static async Task<JsonElement> TrialBalance(RunningApi api) => (await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data;

    private static string Balance(Received received) => received.Expect(200).Data.GetProperty("balance_cents").GetRawText();

    private static IEnumerable<string> Lines(JsonElement statement) =>
        statement.GetProperty("entries").EnumerateArray().Select(e => Texts(e, "entry", "kind", "amount_cents", "balance_cents"));

    private static string Texts(JsonElement data, params IEnumerable<string> names) => string.Join(' ', names.Select(n => data.GetProperty(n).ToString()));
}
