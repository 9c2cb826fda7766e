using Agora.Core.Kernel;

namespace Agora.Core.Scenarios;

/// <summary>A situation to practise, as its author says it: who the person is, whom a model plays, and by what it is judged in the end.</summary>
/// <param name="Language">In which it is spoken, as a tag of BCP 47.</param>
/// <param name="Learner">Whom the person plays.</param>
/// <param name="Goals">What the person is to reach.</param>
/// <param name="Criteria">The rubric.</param>
public sealed record ScenarioDefinition(
    string Title, string Language, string Situation, string Learner, ScenarioPartner Partner, IReadOnlyList<string> Goals, IReadOnlyList<Criterion> Criteria, ScenarioHints Hints, ScenarioEnds Ends, ScenarioModels Models)
{
    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(
        ("partner.opening", Partner.Opening is not null),
        ("hints", Hints.Allowed),
        ("ends.phrase", Ends.Phrase is not null),
        ("models.coach", Models.Coach is not null),
        ("models.judge", Models.Judge is not null));
}

/// <summary>Whom the model plays.</summary>
/// <param name="Persona">How it is and what it wants: told to its model alone.</param>
/// <param name="Opening">What it says first; null: the person does.</param>
public sealed record ScenarioPartner(string Name, string Persona, string? Opening = null);

/// <summary>One line of a rubric.</summary>
/// <param name="Id">By which scores of several plays are compared.</param>
/// <param name="Levels">The highest score; the lowest is 0.</param>
public sealed record Criterion(string Id, string Title, string Description, int Weight, int Levels);

/// <param name="Most">Of one play.</param>
public sealed record ScenarioHints(bool Allowed, int Most);

/// <param name="Turns">Nothing more is said behind so many.</param>
/// <param name="Phrase">Nor behind the turn in which the person says this; null: no words end it.</param>
public sealed record ScenarioEnds(int Turns, string? Phrase = null);

/// <summary>Models or routers.</summary>
/// <param name="Coach">Who gives hints; null: the partner's.</param>
/// <param name="Judge">Who scores; null: the partner's.</param>
public sealed record ScenarioModels(string Partner, string? Coach = null, string? Judge = null);

/// <summary>Bounds of scenarios and of their plays.</summary>
public static class ScenarioLimits
{
    /// <summary>Of one scenario: each stays for those who play it.</summary>
    public const int Versions = 1_000;

    /// <summary>Of a tag, in characters (RFC 5646, section 4.4.1).</summary>
    public const int LanguageLength = 35;

    /// <summary>In characters.</summary>
    public const int SituationLength = 4_000;
    public const int LearnerLength = 1_000;
    public const int PersonaLength = 4_000;
    public const int OpeningLength = 2_000;
    public const int GoalLength = 500;
    public const int CriterionLength = 1_000;
    public const int PhraseLength = 100;

    public const int Goals = 10;
    public const int Criteria = 12;
    public const int Weight = 100;
    public const int LevelsLeast = 2;
    public const int Levels = 10;
    public const int Hints = 50;
    public const int Turns = 200;

    /// <summary>Of what a person says in one turn of a play, in characters.</summary>
    public const int SaidLength = 4_000;

    /// <summary>Of what was said before, the partner reads so many characters at most, the newest.</summary>
    public const int WindowLength = 256 * 1024;

    /// <summary>Of what the coach and the judge write, in tokens.</summary>
    public const int HintTokens = 512;
    public const int ScoreTokens = 4_096;

    /// <summary>Of what a coach and a judge say, in characters.</summary>
    public const int HintLength = 2_000;
    public const int ReasonLength = 2_000;

    /// <summary>Of a hint as it is kept, in JSON: six for a character that is written as an escape.</summary>
    public const int HintBytes = (6 * HintLength) + 2;

    /// <summary>Turns that one reason rests on.</summary>
    public const int ReasonTurns = 20;

    /// <summary>Calls of the judge behind which a play is not scored any more.</summary>
    public const int Judgements = 20;

    /// <summary>Progress is told of the newest scores, so many criteria of plays together.</summary>
    public const int Scores = 1_000;

    /// <summary>The first and the last of them whose mean is told.</summary>
    public const int MeanOf = 5;

    /// <summary>From so many percent on a criterion is a strength.</summary>
    public const int Strength = 75;

    /// <summary>Below so many percent it is a weakness.</summary>
    public const int Weakness = 50;
}
