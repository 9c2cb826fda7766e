using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

/// <summary>What was done before is answered as it was, though what it rested on is so no more.</summary>
public sealed class RepeatTests
{
    public static readonly TheoryData<string> MessageIds = ["q2", "a UUIDv7"];

    [Theory]
    [MemberData(nameof(MessageIds))]
    public async Task A_request_on_behalf_of_one_that_was_answered_since_is_the_same_when_it_is_sent_again(string messageId)
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var (ab, bc) = (await talk.Open("a", ["b"]), await talk.Open("b", ["c"]));
        (await talk.Post("a", $"/conversations/{ab}/messages", """{"content":1,"message_id":"q1","reply_within_seconds":60}""")).Expect(201);
        var id = messageId == "q2" ? messageId : Guid.CreateVersion7().ToString("D");
        Task<Received> Ask(string under) => talk.Post(
            "b", $"/conversations/{bc}/messages", $$"""{"content":1,"message_id":"{{under}}","reply_within_seconds":60,"on_behalf_of":{"conversation_id":"{{ab}}","message_id":"q1"} }""");
        var first = (await Ask(id)).Expect(201);
        (await talk.Post("b", $"/conversations/{ab}/messages", """{"content":1,"reply_to":"q1"}""")).Expect(201);

        var again = (await Ask(id)).Expect(201);

        Assert.Equal((first.Data.GetRawText(), "true"), (again.Data.GetRawText(), again.Header("Idempotent-Replayed")));
        (await Ask("q3")).Refused(404, Codes.NotFound);
    }

    public static readonly TheoryData<string> Since = ["answered", "closed", "blocked", "left"];

    [Theory]
    [MemberData(nameof(Since))]
    public async Task A_request_is_the_same_when_it_is_sent_again_after_what_came_since(string since)
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        const string Body = """{"content":1,"message_id":"q1","reply_within_seconds":60}""";
        var first = (await talk.Post("a", $"/conversations/{id}/messages", Body)).Expect(201);
        (since switch
        {
            "answered" => await talk.Post("b", $"/conversations/{id}/messages", """{"content":1,"reply_to":"q1"}"""),
            "closed" => await talk.Post("a", $"/conversations/{id}/close"),
            "blocked" => await talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/a", talk.Key("b")),
            _ => await talk.Post("b", $"/conversations/{id}/leave"),
        }).Expect(since == "answered" ? 201 : 200);
        var last = (await talk.Get("a", $"/conversations/{id}")).Expect(200).Data.GetProperty("last").GetInt64();

        var again = (await talk.Post("a", $"/conversations/{id}/messages", Body)).Expect(201);

        Assert.Equal((first.Data.GetRawText(), "true"), (again.Data.GetRawText(), again.Header("Idempotent-Replayed")));
        Assert.Equal(last, (await talk.Get("a", $"/conversations/{id}")).Expect(200).Data.GetProperty("last").GetInt64());
    }

    /// <summary>An erasure destroys the key to the hashes of bodies: by them the two requests cannot be told apart any more.</summary>
    [Theory]
    [InlineData("join", "{}")]
    [InlineData("leave", "{}")]
    [InlineData("close", "{}")]
    [InlineData("acknowledge", """{"number":1}""")]
    [InlineData("messages", """{"content":1}""")]
    [InlineData("invite", """{"agent_id":"c"}""")]
    public async Task The_key_of_an_erasure_is_refused_with_another_request_and_the_erasure_is_repeated(string verb, string body)
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var id = await talk.Open("a", ["b"]);
        Task<Received> Erase() => talk.Api.Client.Send(HttpMethod.Delete, $"/conversations/{id}", talk.Key("a"), null, ("Idempotency-Key", "k"));
        var first = (await Erase()).Expect(200);

        (await talk.Post("a", $"/conversations/{id}/{verb}", body, ("Idempotency-Key", "k"))).Refused(409, Codes.IdempotencyConflict);

        var again = (await Erase()).Expect(200);
        Assert.Equal((first.Data.GetRawText(), "true"), (again.Data.GetRawText(), again.Header("Idempotent-Replayed")));
    }

    [Fact]
    public async Task A_dead_letter_is_sent_anew_once_under_one_key_and_the_repeat_is_told_the_same()
    {
        var time = new MovedTime();
        await using var talk = await Talk.Of(await RunningApi.Start(time: time), "a", "b");
        var id = await talk.Open("a", ["b"]);
        var number = (await talk.Post("a", $"/conversations/{id}/messages", """{"content":"x","message_id":"m1","ttl_seconds":1}""")).Expect(201).Data.GetProperty("number").GetInt64();
        time.Move(TimeSpan.FromSeconds(2));
        await talk.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Conversation(id).Send(new ConversationCommand.Tick(), new CommandContext(Guid.CreateVersion7(time.GetUtcNow()), IsStep: true));
        Task<Received> Requeue(string key) => talk.Post("a", $"/conversations/{id}/dead-letters/{number}/requeue", "{}", ("Idempotency-Key", key));
        var first = (await Requeue("once")).Expect(201);

        var again = (await Requeue("once")).Expect(201);

        Assert.Equal((first.Data.GetRawText(), "true"), (again.Data.GetRawText(), again.Header("Idempotent-Replayed")));
        (await Requeue("twice")).Refused(404, Codes.NotFound);
    }

    [Fact]
    public async Task An_invitation_is_the_same_when_it_is_sent_again_though_whom_it_invited_has_left_and_blocks_the_inviter()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var id = await talk.Open("a", ["b"]);
        Task<Received> Invite(string key) => talk.Post("a", $"/conversations/{id}/invite", """{"agent_id":"c"}""", ("Idempotency-Key", key));
        var first = (await Invite("once")).Expect(200);
        (await talk.Post("c", $"/conversations/{id}/leave")).Expect(200);
        (await talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/a", talk.Key("c"))).Expect(200);

        var again = (await Invite("once")).Expect(200);

        Assert.Equal((first.Data.GetRawText(), "true"), (again.Data.GetRawText(), again.Header("Idempotent-Replayed")));
        (await Invite("twice")).Refused(403, Codes.Forbidden);
    }
}
