using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Tests.Chats;

/// <summary>How what is said sounds: judged by a service before the reply where that is wanted, paid once, shown with the turn, and looked at by a router's rules.</summary>
public sealed class SentimentTests
{
    private const long Price = 3 * ModelWorld.Cent;
    private const string Judged = "\"sentiment\":{\"service_id\":\"mood\",\"max_price_cents\":5}";

    [Fact]
    public async Task A_turn_is_judged_before_its_reply_and_a_rule_looks_at_it_and_says_so()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);

        var bad = await chat.Say($$"""{"model":"either","text":"これはひどい。",{{Judged}}}""", "key-1");
        var good = await chat.Say($$"""{"chat_id":"{{bad.Chat}}","text":"Thank you, wonderful."}""");
        var off = await chat.Say($$$"""{"chat_id":"{{{bad.Chat}}}","text":"ひどい。","sentiment":{"on":false}}""");
        var still = await chat.Say($$"""{"chat_id":"{{bad.Chat}}","text":"ひどい。"}""");
        var again = await chat.Say($$"""{"chat_id":"{{bad.Chat}}","repeats":1}""");

        Assert.Equal(["slow", "fast", "fast", "fast", "slow"], new[] { bad, good, off, still, again }.Select(static told => told.Reply.GetProperty("model").GetString()));
        Assert.Equal("either, rule 1: what is said sounds negative", bad.Reply.GetProperty("route").GetString());
        Assert.Equal("negative", bad.Events[0].Data.GetProperty("sentiment").GetString());
        Assert.Equal(bad.Told, (await chat.Follow(bad.Chat, 1)).Told);
        Assert.Equal(["これはひどい。", "Thank you, wonderful."], world.Asked); // what is said again sounds as it did
        var turns = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{bad.Chat}")).GetProperty("turns").EnumerateArray().Select(static turn => turn.GetProperty("sentiment")).ToList();
        Assert.Equal(["negative", "positive", null, null, "negative"], turns.Select(static one => one.ValueKind == JsonValueKind.Null ? null : one.GetProperty("label").GetString()));
        Assert.Equal((-0.812m, "mood", Price), (turns[0].GetProperty("score").GetDecimal(), turns[0].GetProperty("service_id").GetString(), ModelWorld.Micros(turns[0].GetProperty("cost_cents"))));
        Assert.Equal(turns[0].GetProperty("run_id").GetString(), turns[4].GetProperty("run_id").GetString());
        Assert.Equal("mood", (await world.Models.Api.Client.Get($"/agent/runs/{turns[0].GetProperty("run_id").GetString()}", session.Token)).Expect(200).Data.GetProperty("service_id").GetString());
        await world.Models.Upstream.Idle();
        Assert.Equal((2 * Price) + world.Models.Upstream.Truths.Sum(static truth => ModelWorld.Cost(truth.Counts)), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task The_same_key_is_judged_and_paid_once_and_another_request_under_it_is_refused()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);
        var body = $$"""{"model":"either","text":"Awful.",{{Judged}}}""";

        var first = await chat.Say(body, "key-1");
        var again = await chat.Say(body, "key-1");
        Assert.Equal("idempotency_conflict", await chat.Refused(409, HttpMethod.Post, ChatClient.Path, body.Replace("Awful", "Other", StringComparison.Ordinal), "key-1"));

        Assert.Equal(first.Told, again.Told);
        Assert.Single(world.Asked);
        Assert.Equal(Price + ModelWorld.Cost((await world.Models.Truth("slow")).Counts), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task What_was_paid_before_its_turn_was_lost_is_not_paid_again()
    {
        var store = new Agora.Journal.Memory.MemoryJournal(TimeProvider.System);
        await using var world = await Start(store);
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);
        await world.Models.PutModel("dear", "openai", maxPriceCents: "0.0001");
        var body = $$"""{"model":"dear","text":"Awful.",{{Judged}}}""";

        for (var time = 0; time < 2; time++)
        {
            var (status, json) = await chat.Send(HttpMethod.Post, ChatClient.Path, body, "key-1");
            var error = json.GetProperty("error");
            Assert.Equal((403, "budget_exceeded", "same_key"), (status, error.GetProperty("code").GetString(), error.GetProperty("retry").GetString()));
            var paid = Assert.Single(error.GetProperty("details").GetProperty("run_ids").EnumerateArray()).GetString();
            Assert.Equal("mood", (await world.Models.Api.Client.Get($"/agent/runs/{paid}", session.Token)).Expect(200).Data.GetProperty("service_id").GetString());
        }

        Assert.Equal("idempotency_conflict", await chat.Refused(409, HttpMethod.Post, ChatClient.Path, body.Replace("Awful", "Other", StringComparison.Ordinal), "key-1"));

        Assert.Single(world.Asked);
        Assert.Equal(Price, await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task Who_asks_again_while_it_is_judged_is_told_to_wait_and_says_nothing_without_it()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);
        var (reached, released) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        world.Models.Api.Service.Answers = async call =>
        {
            reached.TrySetResult();
            await released.Task;
            return await world.Judge(call);
        };
        var body = $$"""{"model":"either","text":"Awful.",{{Judged}}}""";

        var first = chat.Say(body, "key-1");
        await reached.Task.WaitAsync(Hang.Timeout);
        var between = await chat.Send(HttpMethod.Post, ChatClient.Path, body, "key-1");
        released.SetResult();

        Assert.Equal((409, Codes.IdempotencyInFlight), (between.Status, between.Json.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal("negative", (await first).Events[0].Data.GetProperty("sentiment").GetString());
        Assert.Equal((await first).Told, (await chat.Say(body, "key-1")).Told);
        Assert.Equal(Price + ModelWorld.Cost((await world.Models.Truth("slow")).Counts), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_run_that_needs_an_approval_is_taken_back_and_nobody_is_asked_for_one()
    {
        await using var world = await Start();
        (await world.Models.Api.Client.Admin(HttpMethod.Put, "/admin/users/ann", "{}")).Expect(200);
        (await world.Models.Api.Client.Admin(HttpMethod.Put, "/admin/users/ann/grants/agent-1", """{"scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"allowed_payees":["*"],"budget_limit_cents":1000},"require_approval_above_cents":2}""")).Expect(200);
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);

        var told = await chat.Say($$"""{"model":"either","text":"Awful.",{{Judged}}}""");

        var sentiment = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1")).GetProperty("sentiment");
        Assert.Equal(("whole", Codes.NotEligible), (told.End, sentiment.GetProperty("failure").GetProperty("code").GetString()));
        Assert.Empty((await world.Models.Api.Client.Admin(HttpMethod.Get, "/admin/approvals")).Expect(200).Data.GetProperty("approvals").EnumerateArray());
        Assert.Equal(ModelWorld.Cost((await world.Models.Truth("fast")).Counts), await world.Models.SpentInTheEnd(session));
        await world.Models.NothingIsHeld(session);
        Assert.Empty(world.Asked);
    }

    [Fact]
    public async Task Whoever_has_no_request_left_in_this_minute_pays_for_no_judgement()
    {
        await using var world = await Start(ratePerMinute: 2);
        using var chat = new ChatClient(world.Models, await world.Models.Open(user: "ann"));
        for (var n = 0; n < 2; n++) await chat.Data(HttpMethod.Get, ChatClient.Path);

        Assert.Equal("rate_limited", await chat.Refused(429, HttpMethod.Post, ChatClient.Path, $$"""{"model":"either","text":"Awful.",{{Judged}}}"""));

        Assert.Empty(world.Asked);
    }

    public static TheoryData<string, string, bool> Failures => new()
    {
        { "is away", Codes.UpstreamFailed, true },
        { "answers in another form", Codes.UpstreamFailed, true },
        { "scores beyond", Codes.UpstreamFailed, true },
        { "is not there", Codes.NotFound, false },
        { "costs more", Codes.PaymentRequired, false },
        { "has no room in the budget", Codes.BudgetExceeded, false },
        { "takes no such text", Codes.ValidationFailed, false },
        { "is out of scope", Codes.ScopeViolation, false },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Where_it_fails_the_turn_goes_on_without_it_and_says_why(string how, string code, bool hasRun)
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann", budgetCents: how == "has no room in the budget" ? "2" : "1000", categories: how == "is out of scope" ? """["model"]""" : """["*"]""");
        using var chat = new ChatClient(world.Models, session);
        world.Models.Api.Service.Answers = how switch
        {
            "is away" => PlayedService.Fails(Codes.UpstreamFailed),
            "answers in another form" => PlayedService.Says("""{"label":"furious","score":0}"""),
            "scores beyond" => PlayedService.Says("""{"label":"negative","score":-2}"""),
            _ => world.Models.Api.Service.Answers,
        };
        var (service, most) = (how == "is not there" ? "nobody" : "mood", how == "costs more" ? "1" : "5");

        var told = await chat.Say($$$"""{"model":"either","text":"{{{(how == "takes no such text" ? new string('a', 300) : "Awful.")}}}","sentiment":{"service_id":"{{{service}}}","max_price_cents":{{{most}}}}}""");

        Assert.Equal(("whole", "fast"), (told.End, told.Reply.GetProperty("model").GetString()));
        Assert.False(told.Events[0].Data.TryGetProperty("sentiment", out _));
        var sentiment = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1")).GetProperty("sentiment");
        Assert.Equal((JsonValueKind.Null, code), (sentiment.GetProperty("label").ValueKind, sentiment.GetProperty("failure").GetProperty("code").GetString()));
        Assert.NotEmpty(sentiment.GetProperty("failure").GetProperty("message").GetString()!);
        Assert.Equal(hasRun, sentiment.GetProperty("run_id").ValueKind == JsonValueKind.String);
    }

    [Fact]
    public async Task What_could_not_be_judged_does_not_sound_as_what_was_said_before_it()
    {
        await using var world = await Start();
        using var chat = new ChatClient(world.Models, await world.Models.Open(user: "ann"));
        var bad = await chat.Say($$"""{"model":"either","text":"Awful.",{{Judged}}}""");
        Assert.Equal("negative", bad.Events[0].Data.GetProperty("sentiment").GetString());
        world.Models.Api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);

        var next = await chat.Say($$"""{"chat_id":"{{bad.Chat}}","text":"Thank you."}""");

        Assert.Equal("fast", next.Reply.GetProperty("model").GetString());
        var sentiment = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{bad.Chat}/turns/2")).GetProperty("sentiment");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (sentiment.GetProperty("label").ValueKind, sentiment.GetProperty("score").ValueKind));
        Assert.Equal(Codes.UpstreamFailed, sentiment.GetProperty("failure").GetProperty("code").GetString());
    }

    [Fact]
    public async Task One_that_does_not_answer_in_time_is_taken_back_and_costs_nothing()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);
        var never = new TaskCompletionSource<StepOutcome>();
        world.Models.Api.Service.Answers = _ => never.Task;

        var told = await chat.Say($$"""{"model":"either","text":"Awful.",{{Judged}}}""");

        var sentiment = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1")).GetProperty("sentiment");
        Assert.Equal((Codes.UpstreamTimeout, 0L), (sentiment.GetProperty("failure").GetProperty("code").GetString(), ModelWorld.Micros(sentiment.GetProperty("cost_cents"))));
        Assert.Equal(ModelWorld.Cost((await world.Models.Truth("fast")).Counts), await world.Models.SpentInTheEnd(session));
        never.SetResult(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "Late.", 1));
    }

    [Fact]
    public async Task Nobody_is_asked_who_is_not_named_and_what_is_wrong_is_refused()
    {
        await using var world = await Start();
        using var chat = new ChatClient(world.Models, await world.Models.Open(user: "ann"));
        var told = await chat.Say("""{"model":"either","text":"Awful."}""");
        Assert.Equal(JsonValueKind.Null, (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1")).GetProperty("sentiment").ValueKind);

        foreach (var wrong in (string[])["\"sentiment\":{}", "\"sentiment\":{\"on\":true}", "\"sentiment\":{\"service_id\":\"mood\",\"model\":\"m\"}", "\"sentiment\":\"mood\""])
        {
            Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, ChatClient.Path, $$"""{"model":"either","text":"a",{{wrong}}}"""));
        }

        Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{told.Chat}}","repeats":1,{{Judged}}}"""));
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, ChatClient.Path, $$"""{"model":"nobody","text":"a",{{Judged}}}"""));
        Assert.Empty(world.Asked);
    }

    [Fact]
    public async Task How_it_sounded_stands_in_no_journal_in_clear()
    {
        var store = new Agora.Journal.Memory.MemoryJournal(TimeProvider.System);
        await using var world = await Start(store);
        using var chat = new ChatClient(world.Models, await world.Models.Open(user: "ann"));
        await chat.Say($$"""{"model":"fast","text":"Awful.",{{Judged}}}""");

        var stream = Assert.Single(await store.Streams("default/chat/", null, 10, CancellationToken.None));
        var rows = await store.Read(stream, 0, 10, CancellationToken.None);
        Assert.Contains(rows, static row => Clear(row).Contains("chat.asked", StringComparison.Ordinal));
        Assert.All(rows, static row => Assert.DoesNotContain("negative", Clear(row), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_model_would_refuse_for_its_length_is_refused_before_anything_is_paid()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);

        var (status, json) = await chat.Send(HttpMethod.Post, ChatClient.Path, $$"""{"model":"fast","text":"Awful.","max_output_tokens":4097,{{Judged}}}""");

        Assert.Equal((422, "/max_output_tokens"), (status, json.GetProperty("error").GetProperty("details")[0].GetProperty("path").GetString()));
        Assert.Empty(world.Asked);
        Assert.Equal(0, await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_judge_that_was_paid_nothing_is_not_named_where_the_turn_is_then_refused()
    {
        await using var world = await Start();
        var session = await world.Models.Open(user: "ann");
        using var chat = new ChatClient(world.Models, session);
        await world.Models.PutModel("dear", "openai", maxPriceCents: "0.0001");
        world.Models.Api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);

        var (status, json) = await chat.Send(HttpMethod.Post, ChatClient.Path, $$"""{"model":"dear","text":"Awful.",{{Judged}}}""");

        Assert.Equal((403, 0), (status, await world.Models.SpentInTheEnd(session)));
        Assert.False(json.GetProperty("error").GetProperty("details").TryGetProperty("run_ids", out _), json.GetRawText());
    }

    private static string Clear(Agora.Journal.JournalRow row) => System.Text.Encoding.UTF8.GetString(row.Body.Span);

    private static async Task<World> Start(Agora.Journal.IJournal? store = null, int ratePerMinute = 100_000)
    {
        var models = await RouterTests.Start(new(), """{"to":"slow","sentiment":"negative"},{"to":"fast"}""", store, ratePerMinute);
        var world = new World(models);
        (await models.Api.Client.Admin(HttpMethod.Put, "/admin/services/mood", """
            {"name":"Mood","description":"Tells how a text sounds","category":"feedback","price_cents":3,"endpoint":"https://text.example/sentiment","provider":"text-provider",
             "input_schema":{"type":"object","properties":{"text":{"type":"string","minLength":1,"maxLength":200}},"required":["text"],"additionalProperties":false}}
            """)).Expect(200);
        await models.Api.Client.Deposit("agent:agent-1");
        models.Api.Service.Answers = world.Judge;
        return world;
    }

    private sealed class World(ModelWorld models) : IAsyncDisposable
    {
        public ModelWorld Models => models;

        /// <summary>What was said, as the service was given it.</summary>
        public ConcurrentQueue<string> Asked { get; } = new();

        public Task<StepOutcome> Judge(ServiceCall call)
        {
            var text = JsonDocument.Parse(call.Body).RootElement.GetProperty("text").GetString()!;
            Asked.Enqueue(text);
            var isBad = text.Contains("Awful", StringComparison.Ordinal) || text.Contains("ひどい", StringComparison.Ordinal);
            return PlayedService.Says(isBad ? """{"label":"negative","score":-0.812,"matched_words":[]}""" : """{"label":"positive","score":0.5,"matched_words":[]}""")(call);
        }

        public ValueTask DisposeAsync() => models.DisposeAsync();
    }
}
