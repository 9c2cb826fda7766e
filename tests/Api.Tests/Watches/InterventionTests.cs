using System.Text.Json;
using Agora.Api.Tests.Chats;
using Agora.ScriptedModels;
using static Agora.Api.Tests.Watches.WatchWorld;

namespace Agora.Api.Tests.Watches;

/// <summary>People step into a dialogue: each intervention once, in the dialogue that was seen.</summary>
public sealed class InterventionTests
{
    /// <summary>A turn takes as long as its person wants: the next is a minute away.</summary>
    private const string Slow = ""","pace_seconds":60""";

    [Fact]
    public async Task It_is_paused_a_person_says_something_and_it_goes_on_from_there()
    {
        await using var world = await Start(new() { Reply = Reply.OfTokens(100), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } });
        var (session, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 5));
        await Speaks(client, id);

        Assert.Equal(("pause", 1), Of(await Done(client, id, "\"kind\":\"pause\"")));
        Assert.Equal("pausing", Text(await Get(client, id), "state"));
        Assert.Equal("person", Text((await Until(client, id, "paused")).GetProperty("pause"), "why"));
        Assert.Equal(("say", 2), Of(await Done(client, id, "\"kind\":\"say\",\"text\":\"What of the price?\"")));
        Assert.Equal(("say", 3), Of(await Done(client, id, "\"kind\":\"say\",\"text\":\"And of the taste?\"")));
        Assert.Equal(("say", 4), Of(await Done(client, id, "\"kind\":\"say\",\"seat\":1,\"text\":\"I like both.\"")));
        Assert.Equal(1, world.Models.Upstream.Requests);
        Assert.Equal(("resume", 5), Of(await Done(client, id, "\"kind\":\"resume\"")));

        var (watch, said) = (await Until(client, id, "ended"), Reply.OfTokens(100).Text);
        Assert.Equal([(1, 0, said), (2, null, "What of the price?"), (3, null, "And of the taste?"), (4, 1, "I like both."), (5, (int?)0, said)], Turns(watch).Select(turn => (turn.GetProperty("turn").GetInt32(), SeatOf(turn), Text(turn, "text"))));
        Assert.Equal((await world.Truth(), 2), (await world.Models.SpentInTheEnd(session), world.Models.Upstream.Requests));
    }

    [Fact]
    public async Task The_same_intervention_from_several_clients_is_done_once_and_answered_alike()
    {
        await using var world = await Start();
        var ((_, client), (_, other)) = (await world.Open(), await world.Open());
        var id = await Begin(client, Plan(turns: 9, more: Slow));
        var seen = (await Until(client, id, watch => Turns(watch) is [var turn] && Text(turn, "state") == "said")).GetProperty("seen");

        const string Say = "\"kind\":\"say\",\"text\":\"Hello.\"";
        var answers = await Task.WhenAll(new[] { client, other, client, other, client }.Select(one => Done(one, id, Say, "click-1", seen)));

        Assert.Single(answers.Select(static answer => answer.GetRawText()).Distinct());
        Assert.Equal(answers[0].GetRawText(), (await Done(other, id, Say, "click-1", seen)).GetRawText());
        var (changed, json) = await Intervene(client, id, "\"kind\":\"say\",\"text\":\"Something else.\"", "click-1", seen);
        Assert.Equal((409, "idempotency_conflict"), (changed, Text(json.GetProperty("error"), "code")));
        var watch = await Get(client, id);
        Assert.Equal((2, 1), (Turns(watch).Count, watch.GetProperty("seen").GetProperty("interventions").GetInt32()));
    }

    [Fact]
    public async Task Of_two_at_once_one_is_done_and_the_other_told_which_turn_it_is()
    {
        await using var world = await Start();
        var ((_, client), (_, other)) = (await world.Open(), await world.Open());
        var id = await Begin(client, Plan(turns: 9, more: Slow));
        var seen = (await Until(client, id, watch => Turns(watch) is [var turn] && Text(turn, "state") == "said")).GetProperty("seen");

        var both = await Task.WhenAll(Intervene(client, id, "\"kind\":\"say\",\"text\":\"one\"", null, seen), Intervene(other, id, "\"kind\":\"take_seat\",\"seat\":1", null, seen));

        Assert.Equal([200, 412], both.Select(static one => one.Status).Order());
        var error = both.Single(static one => one.Status == 412).Json.GetProperty("error");
        Assert.Equal("precondition_failed", Text(error, "code"));
        Assert.Contains("\"interventions\":1", error.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1, (await Get(client, id)).GetProperty("seen").GetProperty("interventions").GetInt32());
    }

    [Fact]
    public async Task A_person_takes_a_seat_and_leaves_it_again()
    {
        await using var world = await Start();
        var (_, client) = await world.Open();
        var id = await Begin(client, $$"""{"topic":"Tea?","seats":[{"name":"Ann","model":"ann","budget_cents":100},{"name":"Me"}],"turns":4}""");

        var mine = await Until(client, id, watch => watch.GetProperty("seat").GetInt32() == 1);
        Assert.Equal(("running", 2), (Text(mine, "state"), mine.GetProperty("seen").GetProperty("turn").GetInt32()));
        await Done(client, id, "\"kind\":\"take_seat\",\"seat\":0");
        await Done(client, id, "\"kind\":\"say\",\"seat\":1,\"text\":\"Mine.\"");
        Assert.Equal(1, world.Models.Upstream.Requests);
        Assert.True(Seats(await Get(client, id))[0].GetProperty("is_taken").GetBoolean());
        var (status, _) = await Intervene(client, id, "\"kind\":\"say\",\"seat\":1,\"text\":\"Not mine.\"");
        Assert.Equal(412, status);

        await Done(client, id, "\"kind\":\"leave_seat\",\"seat\":0");
        await Until(client, id, watch => watch.GetProperty("seen").GetProperty("turn").GetInt32() == 4);
        await Done(client, id, "\"kind\":\"say\",\"seat\":1,\"text\":\"The last.\"");
        var watch = await Until(client, id, "ended");
        Assert.Equal([0, 1, 0, 1], Turns(watch).Select(SeatOf));
        Assert.Equal(2, world.Models.Upstream.Requests);
    }

    [Fact]
    public async Task A_spent_budget_pauses_and_asks_and_it_goes_on_when_it_is_raised()
    {
        await using var world = await Start();
        var (session, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 2, budget: "0.0001"));

        var asking = await Until(client, id, "paused");
        Assert.Equal(("budget", 0, "budget_exceeded"), (Text(asking.GetProperty("pause"), "why"), asking.GetProperty("pause").GetProperty("seat").GetInt32(), Text(asking.GetProperty("pause"), "code")));
        Assert.Equal(0, world.Models.Upstream.Requests);

        await Done(client, id, "\"kind\":\"raise_budget\",\"seat\":0,\"amount_cents\":50");
        await Done(client, id, "\"kind\":\"raise_budget\",\"seat\":1,\"amount_cents\":50");
        await Done(client, id, "\"kind\":\"resume\"");

        var watch = await Until(client, id, "ended");
        Assert.Equal((2, await world.Truth()), (Turns(watch).Count, Cost(watch)));
        Assert.Equal(Cost(watch), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task A_session_that_is_spent_pauses_it_and_another_session_goes_on()
    {
        await using var world = await Start();
        var ((_, poor), (session, rich)) = (await world.Open(budgetCents: "0.0001"), await world.Open());
        var id = await Begin(poor, Plan(turns: 2));

        var pause = (await Until(poor, id, "paused")).GetProperty("pause");
        Assert.Equal(("budget", "budget_exceeded", JsonValueKind.Null), (Text(pause, "why"), Text(pause, "code"), pause.GetProperty("seat").ValueKind)); // it is no seat's
        await Done(rich, id, "\"kind\":\"resume\"");

        var watch = await Until(rich, id, "ended");
        Assert.Equal(Cost(watch), await world.Models.SpentInTheEnd(session));
    }

    /// <summary>That it was stopped is the last that happened, and whoever follows it, from wherever, is told that it is over.</summary>
    private static async Task EndsForAll(ChatClient client, string id, string last)
    {
        var all = await Follow(client, id);
        Assert.Equal([last, "ended"], all.Events.TakeLast(2).Select(static e => e.Type));
        Assert.Equal(("stopped", "ended"), (Text(all.Events[^1].Data, "ending"), Text(all.Events[^1].Data, "state")));
        for (var place = 0; place < all.Events.Count; place++)
        {
            // Delivery is at least once: what fell into a turn can come again, under the id that it had.
            var seen = all.Events.Take(place + 1).Select(static e => e.Id).ToHashSet();
            var rest = await Follow(client, id, all.Events[place].Id);
            Assert.Equal(all.Events.Skip(place + 1).Select(static e => (e.Id, e.Data.GetRawText())), rest.Events.Where(e => !seen.Contains(e.Id)).Select(static e => (e.Id, e.Data.GetRawText())));
        }
    }

    [Fact]
    public async Task One_that_stands_still_is_over_at_once_when_it_is_stopped()
    {
        await using var world = await Start();
        var (_, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 9, budget: "0.0001"));
        await Until(client, id, "paused");

        Assert.Equal(200, (await client.Send(HttpMethod.Post, $"{WatchWorld.Path}/{id}/interventions", """{"kind":"stop"}""", "stop")).Status);

        await EndsForAll(client, id, "stopped");
    }

    [Fact]
    public async Task It_is_stopped_behind_the_turn_under_way_and_nothing_more_is_done()
    {
        await using var world = await Start(new() { Reply = Reply.OfTokens(100), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } });
        var (session, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 9));
        await Speaks(client, id);

        var (status, _) = await client.Send(HttpMethod.Post, $"{WatchWorld.Path}/{id}/interventions", """{"kind":"stop"}""", "stop");
        Assert.Equal(200, status);
        var ending = await Get(client, id);
        Assert.Equal(("ending", "under_way"), (Text(ending, "state"), Text(Turns(ending)[0], "state")));
        Assert.NotEmpty(Text(Turns(ending)[0], "text")!);

        var watch = await Until(client, id, "ended");
        Assert.Equal(("stopped", Reply.OfTokens(100).Text), (Text(watch, "ending"), Text(Assert.Single(Turns(watch)), "text")));
        Assert.Equal((await world.Truth(), 1), (await world.Models.SpentInTheEnd(session), world.Models.Upstream.Requests));
        await EndsForAll(client, id, "turn_ended");
        var (closed, json) = await Intervene(client, id, "\"kind\":\"say\",\"text\":\"Wait.\"");
        Assert.Equal("conversation_closed", Text(json.GetProperty("error"), "code"));
        Assert.Equal(409, closed);
    }

    [Fact]
    public async Task A_reply_that_is_deleted_at_the_door_is_told_by_no_event_any_more()
    {
        await using var world = await Start();
        var (session, client) = await world.Open();
        var id = await Begin(client, Plan(turns: 2));
        var run = Turns(await Until(client, id, "ended"))[0].GetProperty("run_id").GetGuid();
        var before = await Follow(client, id);

        Assert.Equal(200, (await world.Models.Door.Send(session, HttpMethod.Delete, $"/openai/v1/responses/resp_{run:N}")).Status);

        var after = await Follow(client, id);
        Assert.Equal(before.Text, after.Text + after.Text);
        Assert.Equal(before.Events.Where(static e => e.Type != "text").Select(static e => e.Type), after.Events.Where(static e => e.Type != "text").Select(static e => e.Type));
    }

    [Fact]
    public async Task A_turn_is_cut_to_what_its_session_has_left()
    {
        await using var world = await Start();
        var (session, client) = await world.Open(budgetCents: "0.3");

        var watch = await Until(client, await Begin(client, Plan(turns: 1)), "ended");

        Assert.Equal("said", Text(Assert.Single(Turns(watch)), "state"));
        Assert.Equal(await world.Truth(), await world.Models.SpentInTheEnd(session));
    }

    [Fact]
    public async Task What_is_wrong_is_told_and_nobody_else_sees_it()
    {
        await using var world = await Start();
        var ((_, client), (_, stranger)) = (await world.Open(), await world.Open(user: "bob"));
        var id = await Begin(client, Plan(turns: 1));
        await Until(client, id, "ended");

        foreach (var (method, path, body) in new[] { (HttpMethod.Get, $"{WatchWorld.Path}/{id}", null), (HttpMethod.Get, $"{WatchWorld.Path}/{id}/events", null), (HttpMethod.Post, $"{WatchWorld.Path}/{id}/interventions", """{"kind":"stop"}""") })
        {
            Assert.Equal("not_found", await stranger.Refused(404, method, path, body, body is null ? null : "k"));
        }

        Assert.Empty((await stranger.Data(HttpMethod.Get, WatchWorld.Path)).GetProperty("watches").EnumerateArray());
        Assert.Equal(id, Text(Assert.Single((await client.Data(HttpMethod.Get, WatchWorld.Path)).GetProperty("watches").EnumerateArray()), "watch_id"));

        var (status, json) = await client.Send(HttpMethod.Post, WatchWorld.Path, """{"topic":"Tea?","turns":2,"seats":[{"name":"Ann","model":"ann"},{"name":"Bob"}]}""", "unpaid");
        Assert.Equal((422, "/seats/0/budget_cents"), (status, Text(json.GetProperty("error").GetProperty("details")[0], "path")));

        foreach (var wrong in (string[])["""{"kind":"say"}""", """{"kind":"take_seat"}""", """{"kind":"raise_budget","seat":0}""", """{"kind":"nothing"}""", """{"kind":"stop","seen":{"turn":0}}"""])
        {
            Assert.Equal("validation_failed", await client.Refused(422, HttpMethod.Post, $"{WatchWorld.Path}/{id}/interventions", wrong, "k"));
        }

        Assert.Equal("validation_failed", await client.Refused(422, HttpMethod.Post, $"{WatchWorld.Path}/{id}/interventions", """{"kind":"stop"}"""));
        Assert.Equal("not_found", await client.Refused(404, HttpMethod.Post, WatchWorld.Path, Plan(first: "none")));
        Assert.Equal("validation_failed", await client.Refused(422, HttpMethod.Post, WatchWorld.Path, """{"topic":"a","seats":[{"name":"A"},{"name":"B"}],"turns":2}"""));
        Assert.Equal("validation_failed", await client.Refused(422, HttpMethod.Post, WatchWorld.Path, """{"seats":[],"turns":0}"""));
        Assert.Equal(1, world.Models.Upstream.Requests);
    }

    [Fact]
    public async Task Another_agent_of_the_same_user_lists_no_dialogue_reads_none_and_steps_into_none()
    {
        await using var world = await Start();
        var ((_, client), (_, other)) = (await world.Open(user: "ann"), await world.Open(user: "ann", agent: "agent-2"));
        var id = await Begin(client, Plan(turns: 9, more: Slow));
        var seen = (await Until(client, id, watch => Turns(watch) is [var turn] && Text(turn, "state") == "said")).GetProperty("seen");

        Assert.Equal("not_found", await other.Refused(404, HttpMethod.Get, $"{WatchWorld.Path}/{id}"));
        Assert.Equal("not_found", await other.Refused(404, HttpMethod.Get, $"{WatchWorld.Path}/{id}/events"));
        foreach (var what in (string[])["\"kind\":\"say\",\"text\":\"Mine.\"", "\"kind\":\"stop\""])
        {
            var (status, json) = await Intervene(other, id, what, seen: seen);
            Assert.Equal((404, "not_found"), (status, Text(json.GetProperty("error"), "code")));
        }

        Assert.Empty((await other.Data(HttpMethod.Get, WatchWorld.Path)).GetProperty("watches").EnumerateArray());
        Assert.Single((await client.Data(HttpMethod.Get, WatchWorld.Path)).GetProperty("watches").EnumerateArray());
        var watch = await Get(client, id);
        Assert.Equal((1, 0), (Turns(watch).Count, watch.GetProperty("seen").GetProperty("interventions").GetInt32()));
    }

    private static (string? Kind, int Number) Of(JsonElement did) => (Text(did, "kind"), did.GetProperty("number").GetInt32());

    private static int? SeatOf(JsonElement turn) => turn.GetProperty("seat") is { ValueKind: JsonValueKind.Number } seat ? seat.GetInt32() : null;
}
