using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

public sealed class ConversationTests
{
    [Fact]
    public async Task What_one_says_the_others_read_in_order_and_never_what_was_not_for_them()
    {
        await using var talk = await Talk.Among("a", "b", "c", "x");
        var id = await talk.Open("a", ["b"]);
        Assert.Equal(3, await talk.Say("a", id, "one"));
        Assert.Equal(4, await talk.Say("b", id, "two"));
        (await talk.Post("a", $"/conversations/{id}/invite", """{"agent_id":"c"}""")).Expect(200);
        await talk.Say("a", id, "three");

        Assert.Equal(["a opened", "b joined", "a:one", "b:two", "c invited", "a:three"], await Read(talk, "a", id));
        Assert.Equal(["a opened", "b joined", "a:one", "b:two", "c invited", "a:three"], await Read(talk, "b", id));
        Assert.Equal(["c invited", "a:three"], await Read(talk, "c", id));
        foreach (var path in new[] { "", "/messages", "/dead-letters" })
        {
            (await talk.Get("x", $"/conversations/{id}{path}")).Refused(404, Codes.NotFound);
            (await talk.Get("a", $"/conversations/none{path}")).Refused(404, Codes.NotFound);
        }

        (await talk.Post("x", $"/conversations/{id}/messages", """{"content":1}""")).Refused(404, Codes.NotFound);
        (await talk.Post("x", $"/conversations/{id}/join")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task A_message_that_is_sent_again_under_its_id_is_the_same_whatever_kind_of_id_it_is()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        foreach (var messageId in new[] { Guid.CreateVersion7().ToString(), Guid.NewGuid().ToString(), "m-1" })
        {
            var body = $$"""{"content":"one","message_id":"{{messageId}}"}""";
            var first = (await talk.Post("a", $"/conversations/{id}/messages", body)).Expect(201);
            var again = (await talk.Post("a", $"/conversations/{id}/messages", body)).Expect(201);
            Assert.Equal((first.Data.GetProperty("number").GetInt64(), null, "true"), (again.Data.GetProperty("number").GetInt64(), first.Header("Idempotent-Replayed"), again.Header("Idempotent-Replayed")));
            Assert.NotEqual(first.Data.GetProperty("number").GetInt64(), (await talk.Post("b", $"/conversations/{id}/messages", body)).Expect(201).Data.GetProperty("number").GetInt64());
        }

        Assert.Equal(6, (await Read(talk, "a", id)).Count(told => told.EndsWith(":one", StringComparison.Ordinal)));
        var old = Guid.CreateVersion7(DateTimeOffset.UtcNow.AddMinutes(-5));
        (await talk.Post("a", $"/conversations/{id}/messages", $$"""{"content":"one","message_id":"{{old}}"}""")).Refused(409, Codes.IdempotencyConflict);
        (await talk.Post("a", $"/conversations/{id}/messages", $$"""{"content":"one","message_id":"{{Guid.CreateVersion7(DateTimeOffset.UtcNow.AddMinutes(5))}}"}""")).Refused(422, Codes.ValidationFailed);
    }

    /// <summary>Whoever sells answers what has a run's id: for this one nobody would pay.</summary>
    [Fact]
    public async Task Request_of_a_run_that_is_sent_anew_as_a_dead_letter_has_no_run()
    {
        var time = new MovedTime();
        await using var talk = await Talk.Of(await RunningApi.Start(time: time), "a", "b");
        var id = await talk.Open("b", ["a"]);
        var conversation = talk.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Conversation(id);
        CommandContext Step() => new(Guid.CreateVersion7(time.GetUtcNow()), IsStep: true);
        var asked = new Saying(Guid.NewGuid().ToString("D"), "application/json", 2, ReplyWithinSeconds: 1, TtlSeconds: 1, To: "b");
        await conversation.Send(new ConversationCommand.Say("a", asked, new("{}"u8.ToArray())), Step());
        Assert.Equal(asked.MessageId, (await talk.NextMessage("b")).GetProperty("run_id").GetString());
        time.Move(TimeSpan.FromSeconds(2));
        await conversation.Send(new ConversationCommand.Tick(), Step());

        var letter = Assert.Single((await talk.Get("a", $"/conversations/{id}/dead-letters")).Expect(200).Data.GetProperty("dead_letters").EnumerateArray()).GetProperty("number").GetInt64();
        (await talk.Post("a", $"/conversations/{id}/dead-letters/{letter}/requeue")).Expect(201);

        Assert.False((await talk.NextMessage("b")).TryGetProperty("run_id", out _));
    }

    [Fact]
    public async Task A_session_sends_a_dead_letter_anew_only_where_all_who_are_told_are_within_its_scope()
    {
        var time = new MovedTime();
        await using var talk = await Talk.Of(await RunningApi.Start(time: time), "agent-1", "b", "c");
        var id = await talk.Open("agent-1", ["b", "c"]);
        var number = (await talk.Post("agent-1", $"/conversations/{id}/messages", """{"content":"x","ttl_seconds":1}""")).Expect(201).Data.GetProperty("number").GetInt64();
        time.Move(TimeSpan.FromSeconds(2));
        await talk.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Conversation(id).Send(new ConversationCommand.Tick(), new CommandContext(Guid.CreateVersion7(time.GetUtcNow()), IsStep: true));
        var token = await talk.Api.Client.OpenSession(peers: """["b"]""");

        (await talk.Api.Client.Post($"/conversations/{id}/dead-letters/{number}/requeue", token, "{}")).Refused(403, Codes.ScopeViolation);
        Assert.Equal(number, Assert.Single((await talk.Get("b", $"/conversations/{id}/dead-letters")).Expect(200).Data.GetProperty("dead_letters").EnumerateArray()).GetProperty("number").GetInt64());
        Assert.Single(await Read(talk, "c", id), "agent-1:x");

        (await talk.Post("agent-1", $"/conversations/{id}/dead-letters/{number}/requeue")).Expect(201);
        Assert.Equal(2, (await Read(talk, "c", id)).Count(told => told == "agent-1:x"));
        Assert.Empty((await talk.Get("b", $"/conversations/{id}/dead-letters")).Expect(200).Data.GetProperty("dead_letters").EnumerateArray());
    }

    [Fact]
    public async Task A_session_speaks_in_an_open_conversation_only_where_it_may_talk_to_everybody()
    {
        await using var talk = await Talk.Among("agent-1", "b", "x");
        var open = await talk.Open("agent-1", ["b"], ""","open":true""");
        (await talk.Post("x", $"/conversations/{open}/join")).Expect(200);
        var (some, all) = (await talk.Api.Client.OpenSession(peers: """["b"]"""), await talk.Api.Client.OpenSession(peers: """["*"]"""));

        (await talk.Api.Client.Post($"/conversations/{open}/messages", some, """{"content":"hidden"}""")).Refused(403, Codes.ScopeViolation);
        (await talk.Api.Client.Post("/conversations", some, """{"participants":["b"],"open":true}""")).Refused(403, Codes.ScopeViolation);
        (await talk.Api.Client.Post("/conversations", some, """{"participants":["b"]}""")).Expect(201);
        Assert.Empty(await Read(talk, "x", open));

        (await talk.Api.Client.Post($"/conversations/{open}/messages", all, """{"content":"shown"}""")).Expect(201);
        (await talk.Api.Client.Post("/conversations", all, """{"participants":["b"],"open":true}""")).Expect(201);
        Assert.Equal(["agent-1:shown"], await Read(talk, "x", open));
    }

    [Fact]
    public async Task A_page_ends_anywhere_and_the_next_goes_on_behind_it()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(n => talk.Say("a", id, $"m{n}")));
        var whole = await Read(talk, "b", id);
        var (parts, after) = (new List<string>(), "");
        do
        {
            var data = (await talk.Get("b", $"/conversations/{id}/messages?limit=3{after}")).Expect(200).Data;
            var some = data.GetProperty("entries").EnumerateArray().Select(Talk.Short).ToList();
            if (some.Count == 0) break;

            parts.AddRange(some);
            after = $"&after={data.GetProperty("next_cursor").GetString()}";
        }
        while (true);

        Assert.Equal(whole, parts);
        (await talk.Get("b", $"/conversations/{id}/messages?after=0000000000999999.000000")).Refused(422, Codes.ValidationFailed);
        (await talk.Get("b", $"/conversations/{id}/messages?after=tomorrow")).Refused(422, Codes.ValidationFailed);
    }

    [Fact]
    public async Task Somebody_who_has_not_joined_is_told_one_message()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = (await talk.Post("a", "/conversations", """{"participants":["b"],"topic":"Rates"}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        await talk.Say("a", id, "hello");
        Assert.Equal("30", (await talk.Post("a", $"/conversations/{id}/messages", """{"content":"again"}""")).Refused(409, Codes.NotAccepted).Header("Retry-After"));
        await talk.Say("b", id, "yes");
        await talk.Say("a", id, "again");
        Assert.Equal(["a opened", "a:hello", "b joined", "b:yes", "a:again"], await Read(talk, "b", id));
        Assert.Equal("Rates", (await talk.Get("b", $"/conversations/{id}")).Expect(200).Data.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task What_is_wrong_with_a_conversation_or_a_message_is_said_and_changes_nothing()
    {
        await using var talk = await Talk.Among("a", "b");
        foreach (var (body, status, code) in new[]
        {
            ("""{"participants":["a"]}""", 422, Codes.ValidationFailed), ("""{"participants":["b","b"]}""", 422, Codes.ValidationFailed), ("""{"participants":["nobody"]}""", 404, Codes.NotFound),
            ("""{"participants":["no body"]}""", 400, Codes.MalformedRequest), ("""{"participants":"b"}""", 422, Codes.ValidationFailed), ("""{"limits":{"ttl_seconds":0}}""", 422, Codes.ValidationFailed),
            ("""{"limits":{"message_bytes":65537}}""", 422, Codes.ValidationFailed), ("""{"limits":{"more":1}}""", 422, Codes.ValidationFailed), ("""{"topic":"a\u0007"}""", 422, Codes.ValidationFailed),
        })
        {
            (await talk.Post("a", "/conversations", body)).Refused(status, code);
        }

        Assert.Equal(0, (await talk.Get("a", "/conversations")).Expect(200).Data.GetProperty("total_count").GetInt32());
        var id = await talk.Open("a", ["b"], ""","limits":{"message_bytes":100}""");
        foreach (var (body, status, code) in new[]
        {
            ("{}", 422, Codes.ValidationFailed), ("""{"content":1,"message_id":"a b"}""", 422, Codes.ValidationFailed), ("""{"content":1,"message_id":""}""", 422, Codes.ValidationFailed),
            ("""{"content":1,"content_type":"text"}""", 422, Codes.ValidationFailed), ("""{"content":1,"reply_within_seconds":0}""", 422, Codes.ValidationFailed), ($$"""{"content":"{{new string('a', 99)}}"}""", 413, Codes.PayloadTooLarge),
        })
        {
            (await talk.Post("a", $"/conversations/{id}/messages", body)).Refused(status, code);
        }

        Assert.Equal(["a opened", "b joined"], await Read(talk, "a", id));
    }

    [Fact]
    public async Task What_was_erased_is_read_no_more()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","topic":"Secrets""" + '"');
        await talk.Say("a", id, "the secret");
        (await talk.Delete("b", $"/conversations/{id}")).Refused(403, Codes.Forbidden);
        (await talk.Delete("a", $"/conversations/{id}")).Expect(200);
        Assert.Equal(["a opened", "b joined", "a:", "a closed"], await Read(talk, "b", id));
        var shown = (await talk.Get("b", $"/conversations/{id}")).Expect(200).Data;
        Assert.Equal((null, "erased"), (shown.GetProperty("topic").GetString(), shown.GetProperty("state").GetString()));
        (await talk.Post("a", $"/conversations/{id}/messages", """{"content":1}""")).Refused(409, Codes.ConversationClosed);
    }

    /// <summary>Whoever listens has it in this process's memory: from there too it is told no more.</summary>
    [Fact]
    public async Task What_is_erased_no_inbox_tells_any_more()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        (await talk.Post("a", $"/conversations/{id}/messages", """{"content":"ERASE-ME"}""")).Expect(201);
        Assert.Equal("ERASE-ME", (await talk.NextMessage("b")).GetProperty("content").GetString());

        (await talk.Delete("a", $"/conversations/{id}")).Expect(200);

        using var late = new CancellationTokenSource(Hang.Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await talk.Get("b", "/agent/inbox")).Expect(200).Json.GetRawText().Contains("ERASE-ME", StringComparison.Ordinal)) await timer.WaitForNextTickAsync(late.Token);
        var told = (await talk.Get("b", "/agent/inbox")).Expect(200).Data.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()).ToList();
        Assert.Equal(["message", "closed"], told.Where(kind => kind is "message" or "closed"));
    }

    private static async Task<IReadOnlyList<string>> Read(Talk talk, string agent, string id) =>
        [.. (await talk.Get(agent, $"/conversations/{id}/messages?limit=100")).Expect(200).Data.GetProperty("entries").EnumerateArray().Select(Talk.Short)];
}
