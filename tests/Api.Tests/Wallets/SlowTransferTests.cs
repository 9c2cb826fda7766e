using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Api.Tests.Wallets;

/// <summary>A transfer that has not ended when its caller has waited as long as it would is 202, and goes on.</summary>
public sealed class SlowTransferTests
{
    private const string Transfer = "/agent/wallet/transfer";
    private const string Body = """{"to":"agent:agent-2","amount_cents":10,"memo":"for you"}""";

    [Theory]
    [InlineData("wait=0", 60_000, "wait=0")]
    [InlineData("respond-async", 60_000, "respond-async")]
    [InlineData("wait=999999", 1, null)]
    [InlineData(null, 1, null)]
    public async Task A_transfer_that_outlasts_the_wait_is_202_and_where_it_points_to_and_a_repeat_tell_its_end(string? prefer, int serversWaitMs, string? applied)
    {
        var store = new Held(new MemoryJournal(TimeProvider.System), "default/wallet/agent:agent-1");
        await using (var before = await RunningApi.Start(store: store))
        {
            (await before.Client.Admin(HttpMethod.Post, "/admin/wallets/agent:agent-1/deposit", """{"amount_cents":100}""", ("Idempotency-Key", "d1"))).Expect(200);
            await before.Client.PutAgents("agent-2");
        }

        await using var api = await RunningApi.Start(store: store, runWait: TimeSpan.FromMilliseconds(serversWaitMs));
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", """{"attributes":{}}""")).Expect(200);
        var token = (await api.Client.Post("/agent/auth", RunningApi.PlatformKey, """{"agent_id":"agent-1","user_id":"user-1","scopes":{"allowed_payees":["*"],"budget_limit_cents":100}}""")).Expect(201).Data.GetProperty("token").GetString()!;
        store.Hold();

        var accepted = (await api.Client.Post(Transfer, token, Body, [("Idempotency-Key", "t1"), .. prefer is null ? ((string, string)[])[] : [("Prefer", prefer)]])).Expect(202);

        var id = accepted.Data.GetProperty("transfer_id").GetString();
        Assert.Equal(("pending", $"/agent/runs/{id}", "1", applied), (State(accepted), accepted.Header("Location"), accepted.Header("Retry-After"), accepted.Header("Preference-Applied")));
        Assert.Equal(["get_run", "get_wallet"], accepted.ActionNames.Order(StringComparer.Ordinal));
        Assert.Equal("pending", State((await api.Client.Get(accepted.Header("Location")!, token)).Expect(200)));
        (await api.Client.Post(Transfer, token, Body, ("Idempotency-Key", "t1"))).Refused(409, Codes.IdempotencyInFlight);

        store.Release();
        var ended = accepted;
        for (var since = DateTime.UtcNow; State(ended) == "pending" && DateTime.UtcNow - since < TimeSpan.FromSeconds(10);)
        {
            ended = (await api.Client.Send(HttpMethod.Get, accepted.Header("Location")!, token, null, ("Prefer", "wait=10"))).Expect(200);
        }

        Assert.Equal(("succeeded", "10"), (State(ended), ended.Data.GetProperty("payment").GetProperty("amount_cents").ToString()));
        var again = (await api.Client.Post(Transfer, token, Body, ("Idempotency-Key", "t1"))).Expect(200);
        Assert.Equal(("true", id, "succeeded"), (again.Header("Idempotent-Replayed"), again.Data.GetProperty("transfer_id").GetString(), State(again)));
        Assert.Equal("90", (await api.Client.Get("/agent/wallet", token)).Expect(200).Data.GetProperty("balance_cents").ToString());
    }

    private static string? State(Received reply) => reply.Data.GetProperty("state").GetString();

    /// <summary>Nobody can load one stream while it is held.</summary>
    private sealed class Held(IJournal inner, string held) : DelegatingJournal(inner)
    {
        private TaskCompletionSource _gate = Open();

        public void Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _gate.TrySetResult();

        public override async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel)
        {
            if (stream == held)
            {
                await _gate.Task;
            }

            return await base.Read(stream, afterSeq, limit, cancel);
        }

        private static TaskCompletionSource Open()
        {
            var gate = new TaskCompletionSource();
            gate.SetResult();
            return gate;
        }
    }
}
