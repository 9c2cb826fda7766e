using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Users;

namespace Agora.Core.Tests.Scenarios;

/// <summary>A chat that is a play ends, has no more hints than it may, and one score.</summary>
public sealed class PlayTests
{
    private const string Me = "agent-1";
    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly IReadOnlyList<CriterionScore> Scores = [new("facts", 3, 4, 3), new("tone", 1, 4, 1)];

    private ChatState _chat = ChatState.Initial(new("default", Kinds.Chat, OwnedIds.Of(Guid.Parse("01957a00-0000-7000-8000-000000000001"), "user-1")));

    [Fact]
    public void Behind_its_last_turn_nothing_is_said_and_its_turns_are_one_branch()
    {
        Begins(turns: 3);
        Does(Ask(0));
        Assert.Equal(PlayRejection.OneBranch, Refused(Ask(0)));
        Assert.Equal(PlayRejection.OneBranch, Refused(Ask(1) with { Repeats = 1, Content = null }));
        Does(Ask(1));
        Does(Ask(2));

        Assert.Equal(PlayRejection.Over, Refused(Ask(3)));
        Assert.Equal(PlayRejection.Over, Refused(new ChatCommand.AskHint(Me, Guid.NewGuid())));
        Assert.Empty(Does(new ChatCommand.EndPlay(Me)));
        Assert.Equal(PlayTables.Ended, PlayTables.StateOf(_chat, _chat.Play!));
    }

    [Fact]
    public void The_turn_that_says_its_last_words_and_an_end_end_it()
    {
        Begins();
        Does(Ask(0) with { Ends = true });
        Assert.Equal(PlayRejection.Over, Refused(Ask(1)));

        _chat = ChatState.Initial(_chat.Stream);
        Begins();
        Does(Ask(0));
        Does(new ChatCommand.EndPlay(Me));
        Assert.Equal(PlayRejection.Over, Refused(Ask(1)));

        // In a chat that plays nothing no words end anything.
        _chat = ChatState.Initial(_chat.Stream);
        Does(Ask(0) with { Ends = true });
        Assert.False(_chat.IsOver);
    }

    [Fact]
    public void A_hint_counts_from_when_it_is_asked_for_and_not_if_it_came_to_nothing()
    {
        var (one, two, three) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Begins(hints: 2);
        Does(new ChatCommand.AskHint(Me, one));
        Assert.Empty(Does(new ChatCommand.AskHint(Me, one)));
        Does(new ChatCommand.AskHint(Me, two));
        Assert.Equal(PlayRejection.NoHints, Refused(new ChatCommand.AskHint(Me, three)));
        Assert.Equal(PlayRejection.NoHints, Refused(new ChatCommand.GiveHint(Me, three, Guid.NewGuid(), Personal.Of("x"))));
        Assert.Single(Does(new ChatCommand.GiveHint(Me, one, Guid.NewGuid(), Personal.Of("x"))));

        Does(new ChatCommand.FailHint(Me, two));
        Assert.Empty(Does(new ChatCommand.FailHint(Me, two)));
        Does(new ChatCommand.AskHint(Me, three));
        Assert.Equal([one, three], _chat.Play!.Hints);
    }

    [Fact]
    public void The_first_score_stands_and_one_that_is_in_no_scale_is_none()
    {
        Begins();
        Does(Ask(0));
        foreach (var wrong in (CriterionScore[])[new("a", 5, 4, 1), new("a", -1, 4, 1), new("a", 1, 11, 1), new("a", 1, 4, 0), new("a", 0, 0, 1)])
        {
            Assert.Equal(PlayRejection.NotInScale, Refused(new ChatCommand.Score(Me, Guid.NewGuid(), [wrong], Personal.Of("x"))));
        }

        Assert.Equal(PlayRejection.NotInScale, Refused(new ChatCommand.Score(Me, Guid.NewGuid(), [], Personal.Of("x"))));
        var scored = (ChatEvent.Scored)Assert.Single(Does(new ChatCommand.Score(Me, Guid.NewGuid(), Scores, Personal.Of("x"))));
        Assert.Equal(63, scored.Percent);
        Assert.Empty(Does(new ChatCommand.Score(Me, Guid.NewGuid(), [new("facts", 4, 4, 3)], Personal.Of("x"))));
        Assert.Equal(PlayRejection.Over, Refused(Ask(1)));
        Assert.Equal(PlayTables.Scored, PlayTables.StateOf(_chat, _chat.Play!));

        var restored = ChatCodec.Restore(ChatCodec.Save(_chat)).Play!;
        Assert.Equal((63, true), (restored.Score!.Percent, restored.IsEnded));
        Assert.Equal(Scores, restored.Score.Criteria);
    }

    [Fact]
    public void Only_whose_it_is_plays_it_and_a_chat_that_plays_nothing_is_no_play()
    {
        ChatCommand[] all = [new ChatCommand.AskHint("agent-2", Guid.NewGuid()), new ChatCommand.EndPlay("agent-2"), new ChatCommand.Judge("agent-2", Guid.NewGuid()), new ChatCommand.Score("agent-2", Guid.NewGuid(), Scores, Personal.Of("x"))];
        Begins();
        Assert.All(all, command => Assert.Equal(PlayRejection.NotFound, Refused(command)));
        Assert.Equal(PlayRejection.NotFound, Refused(new ChatCommand.BeginPlay(Me, new("late", 1, 8, 2), Personal.Of("x"))));
        Does(new ChatCommand.Delete(Me));
        Assert.Equal(PlayRejection.NotFound, Refused(new ChatCommand.EndPlay(Me)));

        _chat = ChatState.Initial(_chat.Stream);
        Does(Ask(0));
        Assert.Equal(PlayRejection.NotFound, Refused(new ChatCommand.EndPlay(Me)));
    }

    [Fact]
    public void Its_rows_have_numbers_and_ids_alone_and_a_draft_counts_nowhere()
    {
        Begins();
        Does(Ask(0));
        var scored = Assert.Single(Does(new ChatCommand.Score(Me, Guid.NewGuid(), Scores, Personal.Of("x"))));
        var rows = ChatTables.Rows(_chat, scored, Start).ToList();
        const string Id = "01957a00000070008000000000000001";
        Assert.Equal(["default", "user-1", Id, Me, "late", 1L, 1L, "scored", 0L, 63L, Start.ToMicros(), Start.ToMicros()], rows[0].Values);
        Assert.Equal(["default", "user-1", Id, "facts", Me, "late", 1L, 75L, "scored", Start.ToMicros()], rows[1].Values);
        Assert.Equal(["default", "user-1", Id, "tone", Me, "late", 1L, 25L, "scored", Start.ToMicros()], rows[2].Values);

        var deleted = Assert.Single(Does(new ChatCommand.Delete(Me)));
        Assert.Equal((3, "deleted"), (ChatTables.Rows(_chat, deleted, Start).Count(), ChatTables.Rows(_chat, deleted, Start).Last().Values[8]));

        _chat = ChatState.Initial(_chat.Stream);
        Does(new ChatCommand.BeginPlay(Me, new(null, null, 8, 2), Personal.Of("x")));
        Does(Ask(0));
        Assert.Equal("plays", Assert.Single(ChatTables.Rows(_chat, Assert.Single(Does(new ChatCommand.Score(Me, Guid.NewGuid(), Scores, Personal.Of("x")))), Start)).Table.Name);
    }

    [Theory]
    [InlineData("1/2x1", 50)]
    [InlineData("1/3x1", 33)]
    [InlineData("2/3x1", 67)]
    [InlineData("1/8x1", 13)] // 12.5
    [InlineData("0/10x100", 0)]
    [InlineData("10/10x100 2/2x1", 100)]
    [InlineData("1/2x1 0/4x99", 1)] // 0.5
    [InlineData("1/7x3 5/9x7 3/10x11", 36)] // (3/7 + 35/9 + 33/10) ÷ 21 = 36.27 %
    public void A_total_is_exact_and_half_a_percent_is_rounded_up(string scores, int percent) => Assert.Equal(
        percent, CriterionScore.PercentOf([.. scores.Split(' ').Select(one => one.Split('/', 'x')).Select(part => new CriterionScore("c", Of(part[0]), Of(part[1]), Of(part[2])))]));

    private static int Of(string number) => int.Parse(number, System.Globalization.CultureInfo.InvariantCulture);

    private void Begins(int turns = 8, int hints = 2) => Does(new ChatCommand.BeginPlay(Me, new("late", 1, turns, hints), Personal.Of("x")));

    private static ChatCommand.Ask Ask(int after) => new(Me, "s1", Guid.NewGuid(), "model", after, null, Personal.Of(new ChatWords("Hello.")), new(Guid.NewGuid(), "model", null, 0));

    private IReadOnlyList<ChatEvent> Does(ChatCommand command)
    {
        var decision = ChatDecider.Decide(_chat, command, new(Start, Guid.NewGuid()));
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
        var decision = ChatDecider.Decide(_chat, command, new(Start, Guid.NewGuid()));
        Assert.Empty(decision.Events);
        return decision.Answer!.Rejection;
    }
}
