using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Tests.Chats;

/// <summary>A chat is a tree: nothing is overwritten, and what is asked twice is there once.</summary>
public sealed class ChatTests
{
    private const string Me = "agent-1";
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private ChatState _chat = ChatState.Initial(new("default", Kinds.Chat, OwnedIds.Of(Guid.Parse("01957a00-0000-7000-8000-000000000001"), "user-1")));
    private int _ids;

    [Fact]
    public void A_turn_follows_another_and_what_is_said_anew_is_a_branch()
    {
        Asks("one");
        Asks("two", after: 1);
        var edited = Asks("two, otherwise", after: 1);
        var again = Asks(null, repeats: 2);
        var twice = Asks(null, repeats: again.Number);

        Assert.Equal([(1, 0, null), (2, 1, null), (3, 1, null), (4, 1, 2), (5, 1, (int?)2)], _chat.Turns.Select(turn => (turn.Number, turn.After, turn.Repeats)));
        Assert.Equal((1, 1), (edited.After, twice.After));
        Assert.Equal(0, Asks("a new beginning").After);
        Assert.Equal([1, 3], ChatTree.Branch(_chat.Turns, 3, static turn => turn.After).Select(turn => turn.Number));
        Assert.Empty(ChatTree.Branch(_chat.Turns, 7, static turn => turn.After));
    }

    [Fact]
    public void The_same_id_is_the_same_turn_and_the_run_that_replies_may_change()
    {
        var id = Guid.NewGuid();
        Asks("one", id: id);
        Asks("one", id: id);
        var (first, second) = (_chat.Turns[0].RunId, Guid.NewGuid());
        Assert.Empty(Does(new ChatCommand.ReplyAnew(Me, 1, new(first, "m", null, 0))));
        Does(new ChatCommand.ReplyAnew(Me, 1, new(second, "m", null, 0)));
        Assert.Empty(Does(new ChatCommand.ReplyAnew(Me, 1, new(second, "m", null, 0))));

        Assert.Equal(second, Assert.Single(_chat.Turns).RunId);
    }

    [Fact]
    public void What_is_not_there_is_not_followed_and_anothers_chat_is_not_there()
    {
        Assert.Equal(ChatRejection.NotFound, Refused(new ChatCommand.Get(Me)));
        Asks("one");

        Assert.Equal(ChatRejection.NoTurn, Refused(Ask("two", after: 2)));
        Assert.Equal(ChatRejection.NoTurn, Refused(Ask(null, repeats: 7)));
        Assert.Equal(ChatRejection.NoTurn, Refused(new ChatCommand.ReplyAnew(Me, 2, new(Guid.NewGuid(), "m", null, 0))));
        Assert.Equal(ChatRejection.NoTurn, Refused(new ChatCommand.Rate(Me, 0, 1, null)));
        Assert.Equal(ChatRejection.NoTurn, Refused(new ChatCommand.Summarize(Me, 2, Guid.NewGuid(), Personal.Of("short"))));
        foreach (var another in (ChatCommand[])[Ask("mine") with { AgentId = "agent-2" }, new ChatCommand.Delete("agent-2"), new ChatCommand.Get("agent-2"), new ChatCommand.Rate("agent-2", 1, 1, null)])
        {
            Assert.Equal(ChatRejection.NotFound, Refused(another));
        }

        Does(new ChatCommand.Delete(Me));
        foreach (var late in (ChatCommand[])[Ask("more"), new ChatCommand.Get(Me), new ChatCommand.Delete(Me), new ChatCommand.Rate(Me, 1, 1, null)])
        {
            Assert.Equal(ChatRejection.NotFound, Refused(late));
        }
    }

    [Fact]
    public void A_branch_is_summarized_up_to_a_turn_once_and_what_is_thought_of_a_reply_is_said_as_often_as_it_changes()
    {
        Asks("one");
        Assert.Single(Does(new ChatCommand.Summarize(Me, 1, Guid.NewGuid(), Personal.Of("short"))));
        Assert.Empty(Does(new ChatCommand.Summarize(Me, 1, Guid.NewGuid(), Personal.Of("shorter"))));
        Assert.Equal(new ChatEvent.Rated(1, -1, ChatLimits.BytesLeast), Assert.Single(Does(new ChatCommand.Rate(Me, 1, -1, null))));

        Assert.Equal([1], _chat.View.Summaries!);
        Assert.Equal([1, 1, null], new ChatEvent[] { new ChatEvent.Summarized(1, Guid.Empty, 1), new ChatEvent.Rated(1, 1, 1), new ChatEvent.Begun(Me) }.Select(e => (ChatDecider.Recall(e, Guid.Empty)?.Answer.Reply as ChatTurnKept)?.Number));
    }

    [Fact]
    public void It_has_so_many_turns_and_no_more_and_is_the_same_after_a_snapshot()
    {
        for (var i = 0; i < ChatLimits.Turns; i++) Asks("more", after: i);

        Assert.Equal(ChatRejection.Full, Refused(Ask("one too many")));
        var restored = ChatCodec.Restore(ChatCodec.Save(_chat));
        Assert.Equal(_chat.Turns, restored.Turns);
        Assert.Equal(_chat with { Turns = [] }, restored with { Turns = [] });
    }

    [Fact]
    public void It_is_so_long_and_no_longer_whatever_is_said_in_it()
    {
        var longest = new string('x', ChatLimits.TextLength);
        while (_chat.Bytes + longest.Length + 100 <= ChatLimits.Bytes) Asks(longest, after: _chat.Turns.Count);

        Assert.Equal(ChatRejection.TooLong, Refused(Ask(longest)));
        while (_chat.Bytes + ChatLimits.BytesLeast <= ChatLimits.Bytes) Does(new ChatCommand.Rate(Me, 1, 1, null));

        Assert.Equal(ChatRejection.TooLong, Refused(new ChatCommand.Rate(Me, 1, 1, null)));
        Assert.Equal(ChatRejection.TooLong, Refused(new ChatCommand.Summarize(Me, 1, Guid.NewGuid(), Personal.Of("short"))));
        Assert.Equal(ChatRejection.TooLong, Refused(Ask(null, repeats: 1)));
        Assert.Equal(_chat.Bytes, ChatCodec.Restore(ChatCodec.Save(_chat)).Bytes);
    }

    /// <summary>Of what is said in Japanese a character is three bytes.</summary>
    [Fact]
    public void Whatever_is_said_has_its_place_where_its_bytes_are_left_and_where_one_is_missing_it_is_TooLong()
    {
        var words = new string('茶', 1_000);
        Asks("one");
        var begun = _chat;
        foreach (var (said, bytes) in ((ChatCommand, int)[])
        [
            (Ask(words, after: 1), 3_011),
            (Ask("茶", after: 1), ChatLimits.BytesLeast),
            (Ask(null, repeats: 1), ChatLimits.BytesLeast),
            (new ChatCommand.Summarize(Me, 1, Guid.NewGuid(), Personal.Of(words)), 3_002),
            (new ChatCommand.Rate(Me, 1, 1, Personal.Of(words)), 3_002),
            (new ChatCommand.Rate(Me, 1, 1, null), ChatLimits.BytesLeast),
            (Import(1, 1, 2) with { Content = Personal.Of(words) }, 3_002),
            (Import(1, 1, 2), 2 * ChatLimits.BytesLeast),
        ])
        {
            _chat = LeftIn(begun, bytes - 1);
            Assert.Equal(ChatRejection.TooLong, Refused(said));
            _chat = LeftIn(begun, bytes);
            Assert.Single(Does(said));
            Assert.Equal(ChatLimits.Bytes, _chat.Bytes);
        }
    }

    [Fact]
    public void Turns_of_elsewhere_follow_one_another_behind_a_turn_and_cost_their_bytes()
    {
        Does(Import(0, 0, 2));
        Asks("three", after: 2);
        Does(Import(3, 2, 1));

        Assert.Equal([(1, 0), (2, 1), (3, 2), (4, 2)], _chat.Turns.Select(turn => (turn.Number, turn.After)));
        Assert.Equal([true, true, false, true], _chat.Turns.Select(static turn => turn.RunId == Guid.Empty));
        Assert.Equal(4 * ChatLimits.BytesLeast, _chat.Bytes);
        Assert.Equal(4, (ChatDecider.Recall(new ChatEvent.Imported(3, 2, "flask", "m", 1, [new(Guid.Empty, null, null), new(Guid.Empty, null, null)]), Guid.Empty)!.Answer.Reply as ChatTurnKept)!.Number);
        Assert.Single(ChatTables.Rows(_chat, new ChatEvent.Imported(1, 0, "flask", "m", 1, []), Start));
        Assert.Equal(_chat.Turns, ChatCodec.Restore(ChatCodec.Save(_chat)).Turns);
    }

    /// <summary>Whoever imports has looked at the chat before: what came meanwhile is looked at again, so nothing is there twice.</summary>
    [Fact]
    public void Turns_of_elsewhere_are_refused_where_something_was_said_meanwhile_or_there_is_no_room()
    {
        Does(Import(0, 0, 2));

        Assert.Equal(ChatRejection.Moved, Refused(Import(0, 0, 2)));
        Assert.Equal(ChatRejection.NoTurn, Refused(Import(2, 7, 1)));
        Assert.Equal(ChatRejection.NotFound, Refused(Import(2, 2, 1) with { AgentId = "agent-2" }));
        Assert.Equal(ChatRejection.Full, Refused(Import(2, 2, ChatLimits.Turns - 1)));
        Assert.Equal(ChatRejection.TooLong, Refused(Import(2, 2, 1) with { Content = Personal.Of(new string('x', ChatLimits.Bytes)) }));
        Does(new ChatCommand.Delete(Me));
        Assert.Equal(ChatRejection.NotFound, Refused(Import(2, 2, 1)));
    }

    [Fact]
    public void Its_row_says_whose_it_is_and_how_long()
    {
        Asks("one");
        var asked = Assert.Single(Does(Ask("two", after: 1)));
        var row = Assert.Single(ChatTables.Rows(_chat, asked, Start));

        Assert.Equal(["default", "user-1", "01957a00000070008000000000000001", Me, 2L, "open", Start.ToMicros(), Start.ToMicros()], row.Values);
        Assert.Empty(ChatTables.Rows(_chat, new ChatEvent.RepliedAnew(1, new(Guid.NewGuid(), "model", null, 0)), Start));
    }

    [Fact]
    public void What_a_person_thinks_is_a_row_of_its_own_without_its_words()
    {
        Asks("one");
        var row = Assert.Single(ChatTables.Rows(_chat, new ChatEvent.Rated(1, -1, 1), Start));
        Assert.Equal((ChatTables.Feedback, "01957a00000070008000000000000001.1", "down"), (row.Table, row.Values[2], row.Values[6]));
    }

    /// <summary>So many bytes and no more.</summary>
    private static ChatState LeftIn(ChatState chat, int bytes) => chat.Evolve(new ChatEvent.Rated(1, 1, ChatLimits.Bytes - chat.Bytes - bytes), Start);

    private static ChatCommand.Import Import(int known, int after, int count) =>
        new(Me, known, after, "m", [.. Enumerable.Range(0, count).Select(static _ => new ChatImportedTurn(Guid.NewGuid(), null, null))], Personal.Of<IReadOnlyList<ChatImportedWords>>([.. Enumerable.Range(0, count).Select(static _ => new ChatImportedWords("a", "b"))]));

    private ChatTurn Asks(string? text, int after = 0, int? repeats = null, Guid? id = null)
    {
        Does(Ask(text, after, repeats, id));
        return _chat.Turns[^1];
    }

    private static ChatCommand.Ask Ask(string? text, int after = 0, int? repeats = null, Guid? id = null) =>
        new(Me, "s1", id ?? Guid.NewGuid(), "model", after, repeats, text is null ? null : Personal.Of(new ChatWords(text)), new(Guid.NewGuid(), "model", null, 0));

    private IReadOnlyList<ChatEvent> Does(ChatCommand command)
    {
        var decision = ChatDecider.Decide(_chat, command, Now());
        Assert.Null(decision.Answer!.Rejection);
        foreach (var happened in decision.Events)
        {
            _chat = _chat.Evolve(happened, Start);
            _chat.CheckInvariants();
        }

        return decision.Events;
    }

    private Rejection? Refused(ChatCommand command)
    {
        var decision = ChatDecider.Decide(_chat, command, Now());
        Assert.Empty(decision.Events);
        return decision.Answer!.Rejection;
    }

    private Context Now() => new(Start, Ids.Derive(Start, Guid.Empty, ++_ids));
}
