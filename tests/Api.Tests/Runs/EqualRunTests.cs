using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Runs;

/// <summary>Runs that are equal have one output, where they ask for it: it costs what their service says, and nobody else's is ever shown.</summary>
public sealed class EqualRunTests
{
    private const string Run = "/agent/services/summary/run";
    private const string Wallet = "agent:agent-1";
    private const string Ages = "max-age=600";
    private const string Text = """{"text":"A long text."}""";

    [Fact]
    public async Task An_equal_run_has_the_same_output_at_the_price_of_a_hit_and_calls_nobody()
    {
        await using var world = await World.Start();
        var token = await world.Open();

        var first = (await world.Ask(token)).Expect(200);
        var hit = (await world.Ask(token, """{ "text" : "A long\u0020text." }""")).Expect(200);

        Assert.Equal((null, "Agora; hit"), (first.Header("Cache-Status"), hit.Header("Cache-Status")));
        Assert.InRange(int.Parse(hit.Header("Age")!, CultureInfo.InvariantCulture), 0, 60);
        Assert.Equal(("25", "6.25", 1), (Paid(first), Paid(hit), world.Calls));
        Assert.Equal(first.Data.GetProperty("output").GetRawText(), hit.Data.GetProperty("output").GetRawText());
        Assert.Equal((null, Id(first)), (CachedFrom(first.Data), CachedFrom(hit.Data)));
        Assert.Equal(Id(first), CachedFrom((await world.Api.Client.Get($"/agent/runs/{Id(hit)}", token)).Expect(200).Data));
        Assert.Equal((null, Id(first)), (await world.ByReceipt(token, Id(first)), await world.ByReceipt(token, Id(hit))));
        await world.BooksSay("31.25", token, hit);
    }

    [Fact]
    public async Task A_sponsor_pays_the_price_of_a_hit_and_so_much_is_the_providers()
    {
        await using var world = await World.Start();
        var token = await world.Open();
        await world.Api.Client.Complete(token);
        var sponsored = "{\"input\":" + Text + "}";

        (await world.Api.Client.Post(Run, token, sponsored, ("Cache-Control", Ages))).Expect(200);
        var hit = (await world.Api.Client.Post(Run, token, sponsored, ("Cache-Control", Ages))).Expect(200);

        Assert.Equal(("campaign", "6.25", "Agora; hit"), (hit.Data.GetProperty("payment").GetProperty("paid_by").GetProperty("kind").GetString(), Paid(hit), hit.Header("Cache-Status")));
        await world.BooksSay("31.25", token, hit, byWallet: false);
        await World.Eventually(async () => (await world.Api.Client.Admin(HttpMethod.Get, "/admin/campaigns/survey")).Expect(200).Data.GetProperty("escrow") is var escrow
            && (escrow.GetProperty("spent_cents").GetRawText(), escrow.GetProperty("held_cents").GetRawText()) == ("31.25", "0"));
    }

    [Fact]
    public async Task Who_does_not_ask_for_it_or_asks_a_service_that_has_none_calls()
    {
        await using var world = await World.Start(duplicateWindowSeconds: 0);
        var token = await world.Open(budgetCents: "1000");
        (await world.Ask(token)).Expect(200);

        foreach (var cache in new[] { null, "no-cache", "max-age=0", "no-store, max-age=600", "max-age=600, no-cache", "private" })
        {
            Assert.Null((await world.Ask(token, cache: cache)).Expect(200).Header("Cache-Status"));
        }

        await world.Put(seconds: 0);
        (await world.Ask(token)).Expect(200);
        Assert.Null((await world.Ask(token)).Expect(200).Header("Cache-Status"));
        Assert.Equal(9, world.Calls);
    }

    [Fact]
    public async Task What_differs_is_not_equal_and_what_is_anothers_is_not_shown()
    {
        await using var world = await World.Start();
        (await world.Ask(await world.Open("ann"))).Expect(200);

        await Calls(await world.Open("ann"), """{"text":"Another text."}""");
        await Calls(await world.Open("bob"), Text);
        await Calls(await world.Open("ann", "agent-2"), Text);
        var below = (await world.Api.Client.Post("/agent/session/delegate", await world.Open("ann"), """{"agent_id":"agent-2"}""")).Expect(201).Data.GetProperty("token").GetString()!;
        await Calls(below, Text);
        Assert.Equal("Agora; hit", (await world.Ask(await world.Open("ann"))).Expect(200).Header("Cache-Status"));

        await world.Put(description: "Another definition answers for itself.");
        await Calls(await world.Open("ann"), Text);
        await world.OfAnotherTenant(Calls);

        async Task Calls(string token, string input)
        {
            var before = world.Calls;
            Assert.Null((await world.Ask(token, input)).Expect(200).Header("Cache-Status"));
            Assert.Equal(before + 1, world.Calls);
        }
    }

    [Fact]
    public async Task A_metered_service_that_may_cost_less_is_not_asked_the_same_and_a_hit_is_part_of_what_it_said()
    {
        await using var world = await World.Start(metered: true);
        world.Api.Service.Answers = call => Task.FromResult<StepOutcome>(new ServiceOutcome.Output("{}"u8.ToArray(), 1, call.HeldMicros / 2));
        var token = await world.Open();

        Assert.Equal(("12.5", "10"), (Paid((await world.Ask(token)).Expect(200)), Paid((await world.Ask(token, most: "20")).Expect(200))));
        var hit = (await world.Ask(token, most: "20")).Expect(200);
        Assert.Equal(("3.125", "2.5", 2), (Paid((await world.Ask(token)).Expect(200)), Paid(hit), world.Calls));
        await world.BooksSay("28.125", token, hit);
    }

    [Fact]
    public async Task An_output_that_is_older_than_wanted_is_had_anew()
    {
        await using var world = await World.Start();
        var token = await world.Open();
        (await world.Ask(token)).Expect(200);
        await Task.Delay(1_100);

        Assert.Null((await world.Ask(token, cache: "max-age=1")).Expect(200).Header("Cache-Status"));
        Assert.Equal("Agora; hit", (await world.Ask(token)).Expect(200).Header("Cache-Status"));
        Assert.Equal(2, world.Calls);
    }

    [Fact]
    public async Task Runs_that_coincide_are_one_call()
    {
        await using var world = await World.Start();
        var (gate, reached) = world.Hold();
        var sessions = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => world.Open("ann")));

        var asked = Enumerable.Range(0, 12).Select(n => world.Ask(sessions[n % 4], key: $"run-{n}")).ToList();
        await reached.Task;
        await Task.Delay(200);
        gate.SetResult();
        var told = await Task.WhenAll(asked);

        Assert.Equal((12, 1, 1), (told.Count(reply => reply.Status == 200), told.Count(reply => reply.Header("Cache-Status") is null), world.Calls));
        Assert.Contains(told, reply => reply.Header("Cache-Status") == "Agora; fwd=miss; collapsed");
        Assert.Single(told.Select(reply => CachedFrom(reply.Data)).OfType<string>().Distinct());
        Assert.Equal((1, 11), (told.Count(reply => Paid(reply) == "25"), told.Count(reply => Paid(reply) == "6.25")));
    }

    [Fact]
    public async Task What_failed_is_kept_by_nobody_and_whoever_waited_calls()
    {
        await using var world = await World.Start();
        var (gate, reached) = world.Hold(PlayedService.Fails(Codes.UpstreamFailed));
        var token = await world.Open();

        var first = world.Ask(token);
        await reached.Task;
        world.Api.Service.Answers = PlayedService.Says("""{"summary":"Later."}""");
        var second = world.Ask(token);
        await Task.Delay(100);
        gate.SetResult();

        (await first).Refused(502, "upstream_failed");
        Assert.Equal((null, 2), ((await second).Expect(200).Header("Cache-Status"), world.Calls));
        var hit = (await world.Ask(token)).Expect(200);
        Assert.Equal("Agora; hit", hit.Header("Cache-Status"));
        await world.BooksSay("31.25", token, hit);
    }

    [Fact]
    public async Task Where_whoever_was_first_is_gone_the_next_calls()
    {
        var journal = new MemoryJournal(TimeProvider.System);
        await using var world = await World.Start(store: journal);
        var token = await world.Open();
        (await world.Ask(token)).Expect(200);
        await Task.Delay(1_100);
        var gone = await world.Claimed(StreamId.Parse(Assert.Single(await journal.Streams("default/cached/", null, 100, CancellationToken.None))).Id, maxAge: 1);
        Assert.Null(gone.FilledAt);

        Assert.Equal((null, 2), ((await world.Ask(token)).Expect(200).Header("Cache-Status"), world.Calls));
        Assert.Equal("Agora; hit", (await world.Ask(token)).Expect(200).Header("Cache-Status"));
    }

    [Fact]
    public async Task What_is_longer_than_is_kept_answers_its_own_run_only()
    {
        await using var world = await World.Start();
        var token = await world.Open();
        foreach (var (length, status) in new[] { (Limits.CachedReplyBytes + 1, null), (Limits.CachedReplyBytes, (string?)"Agora; hit") })
        {
            world.Api.Service.Answers = PlayedService.Says($"\"{new string('a', length - 2)}\"");
            var input = $$"""{"text":"{{length}}"}""";
            (await world.Ask(token, input)).Expect(200);
            Assert.Equal(status, (await world.Ask(token, input)).Expect(200).Header("Cache-Status"));
        }
    }

    [Fact]
    public async Task A_run_that_is_taken_back_while_it_is_called_leaves_its_output_to_nobody()
    {
        await using var world = await World.Start();
        var (gate, reached) = world.Hold();
        var token = await world.Open();

        var first = (await world.Ask(token, prefer: "respond-async")).Expect(202);
        await reached.Task;
        (await world.Api.Client.Post($"/agent/runs/{Id(first)}/cancel", token, null)).Expect(200);
        gate.SetResult();

        Assert.Equal((null, "25", 2), ((await world.Ask(token)).Expect(200) is var second ? second.Header("Cache-Status") : "", Paid(second), world.Calls));
    }

    [Fact]
    public async Task A_run_that_is_taken_back_while_it_waits_costs_nothing_and_no_service_hears_of_it()
    {
        await using var world = await World.Start();
        var (gate, reached) = world.Hold();
        var token = await world.Open();

        var first = world.Ask(token);
        await reached.Task;
        var second = (await world.Ask(token, prefer: "respond-async")).Expect(202);
        await Task.Delay(200);
        (await world.Api.Client.Post($"/agent/runs/{Id(second)}/cancel", token, null)).Expect(200);
        gate.SetResult();

        Assert.Equal("25", Paid((await first).Expect(200)));
        Assert.Equal(1, world.Calls);
        Assert.Empty(world.Api.Service.Cancelled);
        await world.BooksSay("25", token, second);
    }

    [Fact]
    public async Task Who_may_not_run_it_gets_no_hit_and_leaves_nothing()
    {
        var journal = new MemoryJournal(TimeProvider.System);
        await using var world = await World.Start(store: journal);
        var (poor, narrow, ended) = (await world.Open("ann", budgetCents: "24"), await world.Open("ann", categories: """["other"]"""), await world.Open("ann"));
        (await world.Api.Client.Send(HttpMethod.Delete, "/agent/session", ended)).Expect(200);

        await Refused();
        Assert.Empty(await journal.Streams("default/cached/", null, 100, CancellationToken.None));
        (await world.Ask(await world.Open("ann"))).Expect(200);
        await Refused();
        Assert.Single(await journal.Streams("default/cached/", null, 100, CancellationToken.None));

        async Task Refused()
        {
            (await world.Ask(poor)).Refused(403, "budget_exceeded");
            (await world.Ask(narrow)).Refused(403, "scope_violation");
            Assert.Equal(401, (await world.Ask(ended)).Status);
        }
    }

    [Fact]
    public async Task A_hit_under_a_key_is_told_again_and_paid_once()
    {
        await using var world = await World.Start();
        var token = await world.Open();
        (await world.Ask(token)).Expect(200);

        var hit = (await world.Ask(token, key: "key-1")).Expect(200);
        var again = (await world.Ask(token, key: "key-1")).Expect(200);

        Assert.Equal((Id(hit), "true", "Agora; hit"), (Id(again), again.Header("Idempotent-Replayed"), again.Header("Cache-Status")));
        await world.BooksSay("31.25", token, hit);
    }

    [Fact]
    public async Task Erasure_takes_outputs_that_are_kept()
    {
        var journal = new MemoryJournal(TimeProvider.System);
        string id;
        await using (var world = await World.Start(store: journal))
        {
            (await world.Ask(await world.Open())).Expect(200);
            id = StreamId.Parse(Assert.Single(await journal.Streams("default/cached/", null, 100, CancellationToken.None))).Id;
            Assert.NotNull((await world.Claimed(id)).Reply);
            (await world.Api.Client.Admin(HttpMethod.Delete, "/admin/users/ann/personal-data")).Expect(200);
        }

        await using var later = await World.Start(store: journal, erased: true);
        Assert.Null((await later.Claimed(id)).FilledAt);
    }

    [Theory]
    [InlineData("agent:agent-2", "price_cents", "/cache_seconds")]
    [InlineData("skill:translation", "price_cents", "/cache_seconds")]
    [InlineData("model:router", "max_price_cents", "/cache_seconds")]
    public async Task Only_a_service_that_is_called_has_outputs_that_are_kept(string endpoint, string price, string path)
    {
        await using var api = await RunningApi.Start();
        var routes = endpoint == "model:router" ? ",\"routes\":[{\"to\":\"m\"}]" : "";
        var body = $$"""{"name":"S","description":"","category":"text","{{price}}":25,"endpoint":"{{endpoint}}","provider":"p"{{routes}}""";

        var refused = (await api.Client.Admin(HttpMethod.Put, "/admin/services/s", body + ",\"cache_seconds\":60}")).Refused(422, "validation_failed");
        Assert.Equal(path, refused.Error.GetProperty("details")[0].GetProperty("path").GetString());
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/s", body + ",\"cache_hit_basis_points\":1}")).Refused(422, "validation_failed");
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/s", body + ",\"cache_seconds\":0}")).Expect(200);
    }

    [Fact]
    public async Task A_definition_that_was_read_is_put_as_it_is_and_one_that_leaves_it_out_drops_it()
    {
        await using var world = await World.Start();
        var read = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/services/summary")).Expect(200).Data;
        Assert.Equal((600, 2_500), (read.GetProperty("cache_seconds").GetInt32(), read.GetProperty("cache_hit_basis_points").GetInt32()));

        var changed = (await world.Api.Client.Admin(HttpMethod.Patch, "/admin/services/summary", """{"cache_seconds":60}""")).Expect(200).Data;
        Assert.Equal((60, 2_500), (changed.GetProperty("cache_seconds").GetInt32(), changed.GetProperty("cache_hit_basis_points").GetInt32()));
        foreach (var outside in new[] { """{"cache_seconds":604801}""", """{"cache_hit_basis_points":10001}""", """{"cache_seconds":-1}""" })
        {
            (await world.Api.Client.Admin(HttpMethod.Patch, "/admin/services/summary", outside)).Refused(422, "validation_failed");
        }

        Assert.Equal(["cache_seconds", "cache_hit_basis_points"], (await world.Api.Client.Admin(HttpMethod.Put, "/admin/services/summary", Support.Catalogue.Service)).Expect(200).Data.GetProperty("dropped").EnumerateArray().Select(name => name.GetString()!));
    }

    private static string Paid(Received reply) => reply.Data.GetProperty("payment").GetProperty("amount_cents").GetRawText();

    private static string Id(Received reply) => reply.Data.GetProperty("run_id").GetString()!;

    private static string? CachedFrom(JsonElement run) => run.TryGetProperty("cached_from", out var from) ? from.GetString() : null;

    private sealed class World(RunningApi api, bool metered) : IAsyncDisposable
    {
        private readonly ConcurrentQueue<ServiceCall> _calls = new();

        public RunningApi Api => api;

        public int Calls => _calls.Count;

        public static async Task<World> Start(MemoryJournal? store = null, bool metered = false, int duplicateWindowSeconds = 10, bool erased = false)
        {
            var world = new World(await RunningApi.Start(store: store, duplicateWindowSeconds: duplicateWindowSeconds), metered);
            world.Api.Service.Seen = (_, call) => world._calls.Enqueue(call);
            await world.Api.Client.Load();
            if (erased) return world;

            (await world.Api.Client.Admin(HttpMethod.Put, "/admin/users/ann", """{"daily_cap_cents":1000}""")).Expect(200);
            await world.Put();
            await world.Fund(Wallet, RunningApi.AdminKey);
            await world.Fund("agent:agent-2", RunningApi.AdminKey);
            return world;
        }

        public async Task Put(int seconds = 600, string description = "Summarizes a text", string key = RunningApi.AdminKey) => (await api.Client.Send(
            HttpMethod.Put, "/admin/services/summary", key,
            Support.Catalogue.Service.Replace("Summarizes a text", description, StringComparison.Ordinal).Replace("\"price_cents\"", metered ? "\"max_price_cents\"" : "\"price_cents\"", StringComparison.Ordinal)
                .Replace("\"category\"", $"\"cache_seconds\":{seconds},\"cache_hit_basis_points\":2500,\"category\"", StringComparison.Ordinal))).Expect(200);

        private async Task Fund(string wallet, string key) =>
            (await api.Client.Send(HttpMethod.Post, $"/admin/wallets/{wallet}/deposit", key, """{"amount_cents":1000}""", ("Idempotency-Key", $"deposit-{wallet}"))).Expect(200);

        public async Task<string> Open(string user = "ann", string agent = "agent-1", string budgetCents = "100", string categories = """["*"]""", string key = RunningApi.PlatformKey) => (await api.Client.Post("/agent/auth", key, $$$"""
            {"agent_id":"{{{agent}}}","user_id":"{{{user}}}","scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_consents":["*"],"allowed_categories":{{{categories}}},"budget_limit_cents":{{{budgetCents}}}}}
            """)).Expect(201).Data.GetProperty("token").GetString()!;

        public Task<Received> Ask(string token, string input = Text, string? cache = Ages, string? key = null, string most = "25", string? prefer = null) => api.Client.Post(
            Run, token, $$"""{"input":{{input}},"max_price_cents":{{most}},"pay_with":"wallet"}""",
            [.. new[] { ("Cache-Control", cache), ("Idempotency-Key", key), ("Prefer", prefer) }.Where(header => header.Item2 is not null).Select(header => (header.Item1, header.Item2!))]);

        /// <summary>The service answers when it is let.</summary>
        public (TaskCompletionSource Gate, TaskCompletionSource Reached) Hold(Func<ServiceCall, Task<StepOutcome>>? then = null)
        {
            var (gate, reached) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            api.Service.Answers = async call =>
            {
                reached.TrySetResult();
                await gate.Task;
                return await (then ?? PlayedService.Says("""{"summary":"Short."}"""))(call);
            };
            return (gate, reached);
        }

        public async Task OfAnotherTenant(Func<string, string, Task> calls)
        {
            await Put(key: RunningApi.SecondAdminKey);
            await Fund(Wallet, RunningApi.SecondAdminKey);
            await calls(await Open("ann", key: RunningApi.SecondPlatformKey), Text);
        }

        public async Task<string?> ByReceipt(string token, string runId)
        {
            var receipt = (await api.Client.Get($"/agent/runs/{runId}/receipt", token)).Expect(200).Data.GetProperty("receipt").GetString()!;
            return CachedFrom(JsonDocument.Parse(Base64Url.DecodeFromChars(receipt.Split('.')[1])).RootElement);
        }

        /// <summary>Session, user, fund and provider agree, and nothing is held.</summary>
        /// <param name="last">Any run of the session's.</param>
        public async Task BooksSay(string spentCents, string token, Received last, bool byWallet = true)
        {
            var spent = decimal.Parse(spentCents, CultureInfo.InvariantCulture);
            var budget = (await api.Client.Get($"/agent/runs/{Id(last)}", token)).Expect(200).Data.GetProperty("budget");
            Assert.Equal((spentCents, "0"), (budget.GetProperty("spent_cents").GetRawText(), budget.GetProperty("reserved_cents").GetRawText()));
            await Eventually(async () => await Spent("ann") == (spentCents, "0"));
            await Eventually(async () => await Balance("text-provider") == spent);
            await Eventually(async () => await Balance(Wallet) == 1000 - (byWallet ? spent : 0));
            Assert.Equal("0", (await api.Client.Admin(HttpMethod.Get, "/admin/ledger/trial-balance")).Expect(200).Data.GetProperty("sum_cents").GetRawText());
        }

        public async Task<CachedView> Claimed(string id, int maxAge = 600) => (CachedView)(await api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Cached(id)
            .Send(new CachedCommand.Claim(Guid.CreateVersion7(), "s", maxAge), new(Guid.CreateVersion7()))).Reply!;

        private async Task<(string, string)> Spent(string user)
        {
            var today = (await api.Client.Admin(HttpMethod.Get, $"/admin/users/{user}")).Expect(200).Data.GetProperty("spent").GetProperty("today");
            return today.ValueKind == JsonValueKind.Null ? ("0", "0") : (today.GetProperty("spent_cents").GetRawText(), today.GetProperty("held_cents").GetRawText());
        }

        private async Task<decimal> Balance(string wallet) =>
            await api.Client.Admin(HttpMethod.Get, $"/admin/wallets/{wallet}") is { Status: 200 } found ? found.Data.GetProperty("balance_cents").GetDecimal() : 0;

        public static async Task Eventually(Func<Task<bool>> look)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            using var late = new CancellationTokenSource(Hang.Timeout);
            while (!await look()) await timer.WaitForNextTickAsync(late.Token);
        }

        public ValueTask DisposeAsync() => api.DisposeAsync();
    }
}
