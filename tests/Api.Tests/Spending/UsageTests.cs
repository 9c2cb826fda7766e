using System.Text.Json;
using Agora.Api.Admin.Models;
using Agora.Api.Tests.Lists;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Spending;

/// <summary>What models cost and how they do, added up by what is asked for.</summary>
public sealed class UsageTests
{
    private const string Days = "from=2030-01-01&to=2030-01-03";

    [Fact]
    public async Task Groups_have_what_their_calls_have_to_the_micro_unit_and_together_they_are_all()
    {
        await using var journal = new MemoryJournal(TimeProvider.System);
        await using var api = await RunningApi.Start(store: journal);
        await journal.Write(
        [
            Rows.ModelCall(1, 0), Rows.ModelCall(2, 10, ("agent_id", "agent-2"), ("cost_micros", 10_001L), ("first_ms", 300L), ("took_ms", null)),
            Rows.ModelCall(3, 86_400, ("service_id", "other-model"), ("user_id", "user-2"), ("cost_micros", 40_000L), ("is_estimate", 1L), ("failure_code", Codes.UpstreamFailed), ("input", null), ("cache_read", null), ("cache_write", null), ("cache_write_long", null), ("output", null), ("reasoning", null), ("first_ms", null)),
            Rows.ModelCall(4, 20, ("session_id", "s-1"), ("over_micros", 7L), ("first_ms", 200L)), Rows.ModelCall(5, 2 * 86_400), Rows.ModelCall(6, -1),
        ], default);

        var byModel = await Usage(api, "");
        Assert.Equal(["other-model 1 4", "house-model 3 3.0001"], Said(byModel));
        var house = byModel.GetProperty("groups")[1];
        Assert.Equal("12 25 180 90 30 150 60 30 0 0 0.0007", Texts(house, "held_cents", "posted_percent", "input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens", "cache_read_percent", "estimates", "failures", "over_cents"));
        Assert.Equal("200 300 1000 1000", Texts(house, "first_ms_p50", "first_ms_p95", "took_ms_p50", "took_ms_p95"));
        Assert.Equal("1 1   ", Texts(byModel.GetProperty("groups")[0], "estimates", "failures", "cache_read_percent", "first_ms_p50", "first_ms_p95"));
        Assert.Equal("4 7.0001 16 43.75 1 1", Texts(byModel.GetProperty("total"), "calls", "cost_cents", "held_cents", "posted_percent", "estimates", "failures"));
        Assert.Equal(["agent-1 3 6", "agent-2 1 1.0001"], Said(await Usage(api, "&by=agent")));
        Assert.Equal(["user-2 1 4", "user-1 3 3.0001"], Said(await Usage(api, "&by=user")));
        Assert.Equal(["s-3 1 4", "s-1 2 2", "s-2 1 1.0001"], Said(await Usage(api, "&by=session")));
        Assert.Equal(["2030-01-02 1 4", "2030-01-01 3 3.0001"], Said(await Usage(api, "&by=day")));
        Assert.Equal(JsonValueKind.Null, byModel.GetProperty("counted_from").ValueKind);
    }

    [Fact]
    public async Task More_groups_than_are_shown_are_one_and_lose_nothing()
    {
        await using var journal = new MemoryJournal(TimeProvider.System);
        await using var api = await RunningApi.Start(store: journal);
        await journal.Write([.. Enumerable.Range(0, 150).Select(n => Rows.ModelCall(n, n, ("cost_micros", 10_000L + n)))], default);

        var bySession = await Usage(api, "&by=session");

        Assert.Equal(Limits.ListItems, bySession.GetProperty("groups").GetArrayLength());
        Assert.Equal((JsonValueKind.Null, 51), (bySession.GetProperty("groups")[99].GetProperty("group").ValueKind, bySession.GetProperty("groups")[99].GetProperty("calls").GetInt32()));
        Assert.Equal((150 * 10_000L) + (149 * 150 / 2), bySession.GetProperty("groups").EnumerateArray().Sum(group => ModelWorld.Micros(group.GetProperty("cost_cents"))));
    }

    [Theory]
    [InlineData(2_500, 3_000, null)]
    [InlineData(2_500, 2_500, null)]
    [InlineData(2_500, 2_499, 1)]
    [InlineData(2_500, 1_000, 1_500)]
    public async Task Of_more_calls_than_are_added_up_the_newest_are_read_once_each_also_where_many_ended_at_once(int calls, int most, int? oldest)
    {
        await using var journal = new MemoryJournal(TimeProvider.System);
        await journal.Write([.. Enumerable.Range(0, calls).Select(n => Rows.ModelCall(n, n / 1_200 * 1_200))], default);
        await journal.Write([Rows.ModelCall(calls, 0, ("tenant", "second"))], default);
        var span = new CallSpan(Rows.Start, Rows.Start.AddDays(1));

        var read = new List<string>();
        await foreach (var row in new CallRows(journal, most).Within(Tenant.Default, span, default)) read.Add(row.Text("run_id"));

        Assert.Equal((Math.Min(calls, most), oldest is not null), (read.Count, span.IsCut));
        Assert.Equal(read.Count, read.Distinct().Count());
        Assert.Equal(Rows.ModelCall(oldest ?? 0, 0).Upsert.Values[1], read[^1]);
    }

    [Fact]
    public async Task What_calls_cost_and_took_is_what_their_runs_say_and_the_provider_is_named()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = Words.Of(60) }, Choose = request => request.Model == "bad" ? new() { Fault = new Fault.Status(400) } : null });
        await world.PutModel("good", "anthropic");
        await world.PutModel("bad", "openai");
        var (firsts, cost) = (new List<long>(), 0L);
        for (var n = 0; n < 5; n++)
        {
            var session = await world.Open();
            var ended = await world.Concluded(session, (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "good", stream: n % 2 == 0))).Expect(200).Run);
            firsts.Add(ended.Model!.FirstMs!.Value);
            cost += ended.AmountMicros;
            Assert.NotEqual(200, (await world.Door.Ask(session, "chat", ModelDoorClient.Body("chat", "bad"))).Status);
        }

        firsts.Sort();
        var usage = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/models/usage")).Expect(200).Data;
        var good = Assert.Single(usage.GetProperty("groups").EnumerateArray(), group => group.GetProperty("group").GetString() == "good");
        Assert.Equal((5, cost, firsts[2], firsts[4]), (good.GetProperty("calls").GetInt32(), ModelWorld.Micros(good.GetProperty("cost_cents")), good.GetProperty("first_ms_p50").GetInt64(), good.GetProperty("first_ms_p95").GetInt64()));
        var providers = (await world.Api.Client.Admin(HttpMethod.Get, "/admin/models/providers")).Expect(200).Data.GetProperty("providers").EnumerateArray().ToDictionary(one => one.GetProperty("provider").GetString()!, one => Texts(one, "calls", "failures", "failure_percent"));
        Assert.Equal(("5 0 0", "5 5 100"), (providers["anthropic"], providers["openai"]));
    }

    [Theory]
    [InlineData("by=provider")]
    [InlineData("from=2030-01-02&to=2030-01-01")]
    [InlineData("from=yesterday")]
    [InlineData("to=")]
    [InlineData("by=model&by=day")]
    public async Task What_cannot_be_asked_is_refused(string query)
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Admin(HttpMethod.Get, $"/admin/models/usage?{query}")).Refused(422, Codes.ValidationFailed);
    }

    private static async Task<JsonElement> Usage(RunningApi api, string more) => (await api.Client.Admin(HttpMethod.Get, $"/admin/models/usage?{Days}{more}")).Expect(200).Data;

    private static IEnumerable<string> Said(JsonElement usage) => usage.GetProperty("groups").EnumerateArray().Select(group => Texts(group, "group", "calls", "cost_cents"));

    private static string Texts(JsonElement of, params string[] members) => string.Join(' ', members.Select(member => of.GetProperty(member).ToString()));
}
