using Agora.Core.Chats;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Chats;

/// <summary>A chat is a tree: nothing is overwritten, and what is asked twice is there once.</summary>
public sealed class ChatTests
{
    private const string Me = "agent-1";
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private ChatState _chat = ChatState.Initial(new("default", Kinds.Chat, ChatIds.Of(Guid.Parse("01957a00-0000-7000-8000-000000000001"), "user-1")));
    private int _ids;

    [Fact]
    public void Turns_follow_the_newest_where_nothing_else_is_said_and_what_is_said_anew_is_a_branch()
    {
        Asks("one");
        Asks("two");
        var edited = Asks("two, otherwise", after: 1);
        var again = Asks(null, repeats: 2);
        var twice = Asks(null, repeats: again.Number);

        Assert.Equal([(1, 0, null), (2, 1, null), (3, 1, null), (4, 1, 2), (5, 1, (int?)2)], _chat.Turns.Select(turn => (turn.Number, turn.After, turn.Repeats)));
        Assert.Equal((1, 1), (edited.After, twice.After));
        Assert.Equal(0, Asks("a new beginning", after: 0).After);
    }

    [Fact]
    public void The_same_id_is_the_same_turn_and_the_run_that_replies_may_change()
    {
        var id = Guid.NewGuid();
        Asks("one", id: id);
        Asks("one", id: id);
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        Does(new ChatCommand.Reply(Me, 1, first));
        Does(new ChatCommand.Reply(Me, 1, first));
        Does(new ChatCommand.Reply(Me, 1, second));

        Assert.Equal(second, Assert.Single(_chat.Turns).RunId);
    }

    [Fact]
    public void What_is_not_there_is_not_followed_and_anothers_chat_is_not_there()
    {
        Assert.Equal(ChatRejection.NotFound, Refused(new ChatCommand.Get(Me)));
        Asks("one");

        Assert.Equal(ChatRejection.NoTurn, Refused(Ask("two", after: 2)));
        Assert.Equal(ChatRejection.NoTurn, Refused(Ask(null, repeats: 7)));
        Assert.Equal(ChatRejection.NoTurn, Refused(new ChatCommand.Reply(Me, 2, Guid.NewGuid())));
        Assert.Equal(ChatRejection.NotFound, Refused(Ask("mine") with { AgentId = "agent-2" }));
        Assert.Equal(ChatRejection.NotFound, Refused(new ChatCommand.Delete("agent-2")));
        Does(new ChatCommand.Delete(Me));
        Assert.Equal(ChatRejection.NotFound, Refused(Ask("more")));
        Assert.Equal(ChatRejection.NotFound, Refused(new ChatCommand.Get(Me)));
    }

    [Fact]
    public void It_has_so_many_turns_and_no_more_and_is_the_same_after_a_snapshot()
    {
        for (var i = 0; i < ChatLimits.Turns; i++) Asks("more");

        Assert.Equal(ChatRejection.Full, Refused(Ask("one too many")));
        var restored = ChatCodec.Restore(ChatCodec.Save(_chat));
        Assert.Equal(_chat.Turns, restored.Turns);
        Assert.Equal(_chat with { Turns = [] }, restored with { Turns = [] });
    }

    private ChatTurn Asks(string? text, int? after = null, int? repeats = null, Guid? id = null)
    {
        Does(Ask(text, after, repeats, id));
        return _chat.Turns[^1];
    }

    private static ChatCommand.Ask Ask(string? text, int? after = null, int? repeats = null, Guid? id = null) =>
        new(Me, "s1", id ?? Guid.NewGuid(), "model", after, repeats, text is null ? null : Personal.Of(text));

    private void Does(ChatCommand command)
    {
        var decision = ChatDecider.Decide(_chat, command, Now());
        Assert.Null(decision.Answer!.Rejection);
        foreach (var happened in decision.Events)
        {
            _chat = _chat.Evolve(happened, Start);
            _chat.CheckInvariants();
        }
    }

    private Rejection? Refused(ChatCommand command)
    {
        var decision = ChatDecider.Decide(_chat, command, Now());
        Assert.Empty(decision.Events);
        return decision.Answer!.Rejection;
    }

    private Context Now() => new(Start, Ids.Derive(Start, Guid.Empty, ++_ids));
}
