using Agora.Core.Chats;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
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
    public void Of_two_under_one_key_the_one_that_was_refused_takes_back_nothing_that_the_other_was_given()
    {
        var (one, two, three) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        Begins(hints: 2);
        Does(new ChatCommand.AskHint(Me, one));
        Assert.Single(Does(new ChatCommand.GiveHint(Me, one, Guid.NewGuid(), Personal.Of("x"))));
        Assert.Empty(Does(new ChatCommand.FailHint(Me, one)));
        Assert.Empty(Does(new ChatCommand.GiveHint(Me, one, Guid.NewGuid(), Personal.Of("y"))));

        // What was taken back before the other was given it counts again, as far as there is room.
        Does(new ChatCommand.AskHint(Me, two));
        Does(new ChatCommand.FailHint(Me, two));
        Does(new ChatCommand.EndPlay(Me));
        Assert.Equal([typeof(ChatEvent.HintAsked), typeof(ChatEvent.HintGiven)], Does(new ChatCommand.GiveHint(Me, two, Guid.NewGuid(), Personal.Of("x"))).Select(static happened => happened.GetType()));
        Assert.Equal(PlayRejection.NoHints, Refused(new ChatCommand.GiveHint(Me, three, Guid.NewGuid(), Personal.Of("x"))));
        Assert.Equal([one, two], ChatCodec.Restore(ChatCodec.Save(_chat)).Play!.Given!);
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

    [Fact]
    public void It_is_judged_so_often_and_then_no_more_unless_it_has_its_score()
    {
        Begins();
        Does(Ask(0));
        for (var i = 0; i < ScenarioLimits.Judgements; i++)
        {
            var run = Guid.NewGuid();
            Does(new ChatCommand.EndPlay(Me));
            Does(new ChatCommand.AskJudge(Me, run));
            Assert.Single(Does(new ChatCommand.Judge(Me, run)));
            Assert.Empty(Does(new ChatCommand.Judge(Me, run)));
        }

        Assert.Empty(Does(new ChatCommand.Judge(Me, Guid.NewGuid())));
        Assert.Equal(PlayRejection.TooOften, Refused(new ChatCommand.EndPlay(Me)));
        Assert.Equal(PlayRejection.TooOften, Refused(new ChatCommand.AskJudge(Me, Guid.NewGuid())));
    }

    [Fact]
    public void What_a_play_is_of_has_its_place_where_its_bytes_are_left_and_where_one_is_missing_it_is_TooLong()
    {
        var begun = new ChatCommand.BeginPlay(Me, new("late", 1, 8, 2), new(new byte[ChatLimits.Bytes + 1]));
        Assert.Equal(ChatRejection.TooLong, Refused(begun));
        Does(begun with { Definition = new(new byte[ChatLimits.Bytes]) });
        Assert.Equal(ChatLimits.Bytes, _chat.Bytes);

        _chat = ChatState.Initial(_chat.Stream);
        Begins();
        Assert.Equal(ChatLimits.BytesLeast, _chat.Bytes);
        Does(Ask(0));
        var (play, scored) = (_chat, new ChatCommand.Score(Me, Guid.NewGuid(), Scores, Personal.Of(new string('茶', 1_000))));
        _chat = LeftIn(play, 3_001);
        Assert.Equal(ChatRejection.TooLong, Refused(scored));
        _chat = LeftIn(play, 3_002);
        Does(scored);
        Assert.Equal(ChatLimits.Bytes, _chat.Bytes);
    }

    [Theory]
    [InlineData("\u0001")]
    [InlineData("\"")]
    [InlineData("茶")]
    [InlineData("🍵")]
    public void A_hint_that_is_asked_for_has_its_place_however_its_characters_are_written(string character)
    {
        var (hint, longest) = (Guid.NewGuid(), Personal.Of(string.Concat(Enumerable.Repeat(character, ScenarioLimits.HintLength / character.Length))));
        Begins();
        var begun = _chat;
        _chat = LeftIn(begun, ChatLimits.BytesLeast + ScenarioLimits.HintBytes - 1);
        Assert.Equal(ChatRejection.TooLong, Refused(new ChatCommand.AskHint(Me, hint)));

        _chat = LeftIn(begun, ChatLimits.BytesLeast + ScenarioLimits.HintBytes);
        Does(new ChatCommand.AskHint(Me, hint));
        Assert.Single(Does(new ChatCommand.GiveHint(Me, hint, Guid.NewGuid(), longest)));
        Assert.True(_chat.Bytes <= ChatLimits.Bytes);
    }

    [Fact]
    public void A_hint_has_its_place_where_its_bytes_are_left_and_if_it_was_taken_back_those_of_asking_too()
    {
        var given = new ChatCommand.GiveHint(Me, Guid.NewGuid(), Guid.NewGuid(), Personal.Of(new string('茶', 1_000)));
        Begins();
        Does(new ChatCommand.AskHint(Me, given.Id));
        var asked = _chat;
        Does(new ChatCommand.FailHint(Me, given.Id));
        foreach (var (play, bytes) in ((ChatState, int)[])[(asked, 3_002), (_chat, 3_002 + ChatLimits.BytesLeast)])
        {
            _chat = LeftIn(play, bytes - 1);
            Assert.Equal(ChatRejection.TooLong, Refused(given));
            _chat = LeftIn(play, bytes);
            Does(given);
            Assert.Equal(ChatLimits.Bytes, _chat.Bytes);
        }
    }

    [Fact]
    public void Calls_of_the_judge_count_from_when_they_are_asked_for_and_those_that_did_nothing_do_not()
    {
        Begins();
        var runs = Enumerable.Range(0, ScenarioLimits.Judgements).Select(static _ => Guid.NewGuid()).ToList();
        foreach (var run in runs) Assert.Single(Does(new ChatCommand.AskJudge(Me, run)));
        Assert.Empty(Does(new ChatCommand.AskJudge(Me, runs[0])));
        Assert.Equal(PlayRejection.StillJudged, Refused(new ChatCommand.AskJudge(Me, Guid.NewGuid())));
        Assert.Equal(PlayRejection.StillJudged, Refused(new ChatCommand.EndPlay(Me)));

        Assert.Single(Does(new ChatCommand.FailJudge(Me, runs[0])));
        Assert.Empty(Does(new ChatCommand.FailJudge(Me, runs[0])));
        Does(new ChatCommand.AskJudge(Me, Guid.NewGuid()));
        Does(new ChatCommand.Judge(Me, runs[1]));
        Assert.Empty(Does(new ChatCommand.FailJudge(Me, runs[1])));
        _chat = ChatCodec.Restore(ChatCodec.Save(_chat));
        Assert.Equal(PlayRejection.StillJudged, Refused(new ChatCommand.AskJudge(Me, Guid.NewGuid())));
        Assert.Equal((1, ScenarioLimits.Judgements - 1), (_chat.Play!.Judged, _chat.Play.Asking!.Count));
    }

    /// <summary>What is said, rated or asked for meanwhile takes nothing of it.</summary>
    [Fact]
    public void A_hint_that_is_asked_for_keeps_its_place_until_it_comes()
    {
        var (one, two, longest) = (Guid.NewGuid(), Guid.NewGuid(), Personal.Of(new string('\u0001', ScenarioLimits.HintLength)));
        Begins();
        _chat = LeftIn(_chat, (2 * ChatLimits.BytesLeast) + ScenarioLimits.HintBytes);
        Does(new ChatCommand.AskHint(Me, one));
        Assert.Equal(ChatRejection.TooLong, Refused(new ChatCommand.AskHint(Me, two)));
        Assert.Equal(ChatRejection.TooLong, Refused(new ChatCommand.Score(Me, Guid.NewGuid(), Scores, longest)));

        Does(new ChatCommand.GiveHint(Me, one, Guid.NewGuid(), longest));
        Assert.Equal(ChatLimits.Bytes - ChatLimits.BytesLeast, _chat.Bytes);
    }

    /// <summary>So many bytes and no more.</summary>
    private static ChatState LeftIn(ChatState chat, int bytes) => chat.Evolve(new ChatEvent.Rated(1, 1, ChatLimits.Bytes - chat.Bytes - bytes), Start);

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
