using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

/// <summary>What an agent wants to hear nothing of, and how often strangers are invited.</summary>
public sealed class BlockTests
{
    [Fact]
    public async Task Whoever_is_blocked_opens_nothing_with_the_other_says_nothing_to_it_alone_and_is_told_no_more_than_that()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var id = await talk.Open("b", ["a"]);
        await talk.Say("b", id, "before");
        (await Block(talk, "a", "b")).Expect(200);
        var refused = (await talk.Post("b", $"/conversations/{id}/messages", """{"content":"after"}""")).Refused(403, Codes.Forbidden);
        Assert.Equal(refused.Message, (await talk.Post("b", "/conversations", """{"participants":["a"]}""")).Refused(403, Codes.Forbidden).Message);
        Assert.Equal(refused.Message, (await talk.Post("b", "/conversations", """{"participants":["c","a"]}""")).Refused(403, Codes.Forbidden).Message);
        var own = (await talk.Post("b", "/conversations", """{"participants":["c"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString();
        Assert.Equal(refused.Message, (await talk.Post("b", $"/conversations/{own}/invite", """{"agent_id":"a"}""")).Refused(403, Codes.Forbidden).Message);
        Assert.Equal(2, (await talk.Get("b", "/conversations")).Expect(200).Data.GetProperty("total_count").GetInt32());
        Assert.Equal(["b opened", "b:before"], (await talk.Told("a", 2)).Told);

        Assert.Contains("/agent/blocks", (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Refused(403, Codes.Forbidden).Message, StringComparison.Ordinal);
        await talk.Say("a", id, "I may");
        (await talk.Delete("a", "/agent/blocks/b")).Expect(200);
        await talk.Say("b", id, "again");
        Assert.Equal(["b opened", "b:before", "b:again"], (await talk.Told("a", 3)).Told);
    }

    [Fact]
    public async Task Among_many_what_the_blocked_one_says_is_told_to_the_others_alone()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var id = await talk.Open("c", ["a", "b"]);
        (await Block(talk, "a", "b")).Expect(200);
        await talk.Say("b", id, "hidden");
        await talk.Say("c", id, "shown");
        Assert.Equal(["c opened", "b joined", "c:shown"], (await talk.Told("a", 3)).Told);
        Assert.Equal(["a joined", "b joined", "b:hidden"], (await talk.Told("c", 3)).Told);
        var entries = (await talk.Get("a", $"/conversations/{id}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray().Select(Talk.Short);
        Assert.DoesNotContain("b:hidden", entries);

        // Also where a third one brings them together later.
        var later = await talk.Open("c", ["b"]);
        (await talk.Post("c", $"/conversations/{later}/invite", """{"agent_id":"a"}""")).Expect(200);
        (await talk.Post("a", $"/conversations/{later}/join")).Expect(200);
        await talk.Say("b", later, "hidden");
        await talk.Say("c", later, "more");
        Assert.DoesNotContain("b:hidden", (await talk.Told("a", 5)).Told);
    }

    [Fact]
    public async Task Who_was_invited_and_has_not_joined_hears_nothing_of_whom_it_blocks()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = (await talk.Post("b", "/conversations", """{"participants":["a"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        (await Block(talk, "a", "b")).Expect(200);
        (await talk.Post("b", $"/conversations/{id}/messages", """{"content":"hidden"}""")).Refused(403, Codes.Forbidden);
        Assert.Equal(["b opened"], (await talk.Told("a", 1)).Told);
    }

    /// <summary>Whoever was not answered says it again: what its conversations were not told by then they are told now.</summary>
    [Fact]
    public async Task A_block_that_is_sent_again_under_its_key_is_told_to_the_conversations_again()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("b", ["a"]);
        (await Again()).Expect(200);
        await talk.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Conversation(id).Send(new ConversationCommand.Unblock("a", "b"), new(Guid.CreateVersion7()));
        await talk.Say("b", id, "as if it had not been told");

        Assert.Equal("true", (await Again()).Expect(200).Header("Idempotent-Replayed"));

        (await talk.Post("b", $"/conversations/{id}/messages", """{"content":"hidden"}""")).Refused(403, Codes.Forbidden);

        Task<Received> Again() => talk.Api.Client.Send(HttpMethod.Put, "/agent/blocks/b", talk.Key("a"), null, ("Idempotency-Key", "block-1"));
    }

    /// <summary>The one who opens it had asked for blocks before, and the one who blocks had found no conversation to tell it to.</summary>
    [Fact]
    public async Task A_block_that_is_made_while_a_conversation_is_opened_stands_in_it()
    {
        MeanwhileEntities? entities = null;
        await using var talk = await Talk.Of(await RunningApi.Start(edge: inner => entities = new(inner)), "a", "b");
        entities!.AfterBlocksOf["a"] = async () => (await Block(talk, "a", "b")).Expect(200);
        var id = (await talk.Post("b", "/conversations", """{"participants":["a"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        (await talk.Post("b", $"/conversations/{id}/messages", """{"content":"hidden"}""")).Refused(403, Codes.Forbidden);
        Assert.Equal(["b opened"], (await talk.Told("a", 1)).Told);
    }

    [Fact]
    public async Task A_block_that_is_made_while_an_agent_is_invited_stands_in_the_conversation()
    {
        MeanwhileEntities? entities = null;
        await using var talk = await Talk.Of(await RunningApi.Start(edge: inner => entities = new(inner)), "a", "b", "c");
        var id = await talk.Open("c", ["b"]);
        entities!.AfterBlocksOf["a"] = async () => (await Block(talk, "a", "b")).Expect(200);
        (await talk.Post("c", $"/conversations/{id}/invite", """{"agent_id":"a"}""")).Expect(200);
        (await talk.Post("a", $"/conversations/{id}/join")).Expect(200);
        await talk.Say("b", id, "hidden");
        await talk.Say("c", id, "shown");
        Assert.Equal(["a invited", "c:shown"], (await talk.Told("a", 2)).Told);
    }

    /// <summary>They are read a page at a time, by their ids; of the first page the agent has left each.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_block_reaches_a_conversation_behind_a_page_of_others(int more)
    {
        var store = new MemoryJournal(TimeProvider.System);
        await using var talk = await Talk.Among(store, "a", "b");
        var id = await talk.Open("b", ["a"]);
        await store.Write([.. Enumerable.Range(0, TalkLimits.Heard + more).Select(n => Left("a", $"00000000-0000-7000-8000-{n:x12}"))], default);
        (await Block(talk, "a", "b")).Expect(200);
        (await talk.Post("b", $"/conversations/{id}/messages", """{"content":"hidden"}""")).Refused(403, Codes.Forbidden);
        (await talk.Delete("a", "/agent/blocks/b")).Expect(200);
        await talk.Say("b", id, "heard again");

        static OwnedUpsert Left(string agent, string conversation) =>
            new($"default/conversation/{conversation}", 1, new(TableShapes.Of(ConversationTables.Members), ["default", agent, conversation, Standings.Left, 1L, 2L, 2L, 0L]));
    }

    [Fact]
    public async Task Blocks_are_listed_and_said_again_they_are_the_same()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var since = (await Block(talk, "a", "c")).Expect(200).Data.GetProperty("since").GetString();
        Assert.Equal(since, (await Block(talk, "a", "c")).Expect(200).Data.GetProperty("since").GetString());
        (await Block(talk, "a", "b")).Expect(200);
        Assert.Equal(["b", "c"], (await List(talk, "a")).Select(block => block.GetProperty("agent_id").GetString()));
        Assert.Empty(await List(talk, "b"));
        Assert.Equal(JsonValueKind.Null, (await talk.Delete("a", "/agent/blocks/b")).Expect(200).Data.GetProperty("since").ValueKind);
        (await talk.Delete("a", "/agent/blocks/b")).Expect(200);
        Assert.Equal(["c"], (await List(talk, "a")).Select(block => block.GetProperty("agent_id").GetString()));
        (await Block(talk, "a", "a")).Refused(422, Codes.ValidationFailed);
        (await Block(talk, "a", "nobody")).Refused(404, Codes.NotFound);
        (await Block(talk, "a", "no%20body")).Refused(400, Codes.MalformedRequest);
    }

    [Fact]
    public async Task A_stranger_is_invited_so_often_and_no_more_until_it_takes_part()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var opened = new List<string>();
        for (var n = 0; n < Limits.OpenInvitationsOfOne; n++)
        {
            opened.Add((await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!);
        }

        (await talk.Post("b", $"/conversations/{opened[0]}/leave")).Expect(200);
        (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Refused(429, Codes.RateLimited);
        (await talk.Post("a", $"/conversations/{opened[0]}/invite", """{"agent_id":"b"}""")).Refused(429, Codes.RateLimited);
        Assert.Equal(opened.Count, (await talk.Get("a", "/conversations")).Expect(200).Data.GetProperty("total_count").GetInt32());
        (await talk.Post("a", "/conversations", """{"participants":["c"]}""")).Expect(201);
        await talk.Say("b", opened[1], "yes");
        for (var n = 0; n < 2 * Limits.OpenInvitationsOfOne; n++) (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201);
    }

    [Fact]
    public async Task What_was_opened_before_a_block_is_answered_as_before_when_it_is_asked_again()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"]);
        (await Block(talk, "b", "a")).Expect(200);
        var key = Guid.NewGuid().ToString();
        (await talk.Post("a", "/conversations", """{"participants":["b"]}""", ("Idempotency-Key", key))).Refused(403, Codes.Forbidden);
        (await talk.Delete("b", "/agent/blocks/a")).Expect(200);
        var opened = (await talk.Post("a", "/conversations", """{"participants":["b"]}""", ("Idempotency-Key", key))).Expect(201).Data.GetProperty("conversation_id").GetString();
        (await Block(talk, "b", "a")).Expect(200);
        Assert.Equal(opened, (await talk.Post("a", "/conversations", """{"participants":["b"]}""", ("Idempotency-Key", key))).Expect(201).Data.GetProperty("conversation_id").GetString());
        Assert.NotEqual(id, opened);
    }

    private static Task<Received> Block(Talk talk, string agent, string whom) => talk.Api.Client.Send(HttpMethod.Put, $"/agent/blocks/{whom}", talk.Key(agent));

    private static async Task<List<JsonElement>> List(Talk talk, string agent) => [.. (await talk.Get(agent, "/agent/blocks")).Expect(200).Data.GetProperty("blocks").EnumerateArray()];
}
