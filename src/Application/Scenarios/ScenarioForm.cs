using System.Text.RegularExpressions;
using Agora.Application.Chats;
using Agora.Application.Operations;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Application.Scenarios;

/// <summary>A scenario as it is sent, by an operator or as an author's draft.</summary>
internal static partial class ScenarioForm
{
    private const string TagPattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";
    private const int HintsUsual = 3;

    public static ScenarioDefinition Read(Fields body)
    {
        var title = body.Text("title", "What is practised, in a few words.", Limits.NameLength) ?? "";
        var language = body.Formatted("language", "In which it is spoken: a tag of BCP 47.", ScenarioLimits.LanguageLength, static tag => Tag().IsMatch(tag), "A tag of BCP 47 is wanted, such as ja or en-GB.", pattern: TagPattern) ?? "";
        var situation = Words(body, "situation", "Where both are, and what has happened: both know it.", ScenarioLimits.SituationLength);
        var learner = Learner(body.Object("learner", "Whom the person plays."));
        var partner = Partner(body.Object("partner", "Whom the model plays."));
        var goals = body.Formatted("goals", "What the person is to reach.", ScenarioLimits.Goals, ScenarioLimits.GoalLength, IsText, "A text is wanted that is not blank, without the character U+0000.");
        var criteria = Rubric(body.Object("rubric", "By what it is scored."));
        var hints = Hints(body.Object("hints", "Whether the person may ask what to say next; absent: it may not.", required: false));
        var ends = Ends(body.Object("ends", "When it is over: a scenario without an end is none."));
        return new(title, language, situation, learner, partner, goals, criteria, hints, ends, Models(body.Object("models", "Which models play, each a model or a router.")));
    }

    private static string Learner(Fields? learner)
    {
        if (learner is null) return "";

        var role = Words(learner, "role", "Who the person is, and what it knows that the partner does not.", ScenarioLimits.LearnerLength);
        learner.Finish();
        return role;
    }

    private static ScenarioPartner Partner(Fields? partner)
    {
        if (partner is null) return new("", "");

        var read = new ScenarioPartner(
            partner.Text("name", "Who it is.", Limits.NameLength) ?? "",
            Words(partner, "persona", "How it is, what it wants, and what moves it: its model alone is told.", ScenarioLimits.PersonaLength),
            ChatAsked.Words(partner, "opening", "What it says first; absent: the person does.", ScenarioLimits.OpeningLength));
        partner.Finish();
        return read;
    }

    private static IReadOnlyList<Criterion> Rubric(Fields? rubric)
    {
        if (rubric is null) return [];

        IReadOnlyList<Criterion> criteria = [.. rubric.Objects("criteria", "What is looked at, each by itself.", ScenarioLimits.Criteria, minItems: 1).Select(One)];
        if (criteria.Count == 0)
        {
            rubric.Violate("criteria", "minItems", "A rubric has one criterion at least.");
        }

        if (criteria.DistinctBy(static c => c.Id, StringComparer.Ordinal).Count() != criteria.Count)
        {
            rubric.Violate("criteria", "uniqueItems", "Each criterion has an id of its own.");
        }

        rubric.Finish();
        return criteria;
    }

    private static Criterion One(Fields criterion)
    {
        var read = new Criterion(
            criterion.Id("id", "By which its scores are compared, also those of other scenarios.") ?? "",
            criterion.Text("title", "What is looked at, in a few words.", Limits.NameLength) ?? "",
            Words(criterion, "description", "What a good one does, and what a poor one does: the judge reads it.", ScenarioLimits.CriterionLength),
            criterion.Integer("weight", "How much it counts, beside the others.", 1, ScenarioLimits.Weight, absent: null, required: true) ?? 1,
            criterion.Integer("levels", "The highest score; the lowest is 0.", ScenarioLimits.LevelsLeast, ScenarioLimits.Levels, absent: null, required: true) ?? ScenarioLimits.LevelsLeast);
        criterion.Finish();
        return read;
    }

    private static ScenarioHints Hints(Fields? hints)
    {
        if (hints is null) return new(false, 0);

        var (allowed, most) = (hints.Flag("allowed", "Whether the person may ask for any.", absent: null, required: true) ?? false, hints.Integer("most", "So many in one play, where they are allowed.", 1, ScenarioLimits.Hints, HintsUsual) ?? HintsUsual);
        hints.Finish();
        return new(allowed, allowed ? most : 0);
    }

    private static ScenarioEnds Ends(Fields? ends)
    {
        if (ends is null) return new(1);

        var read = new ScenarioEnds(
            ends.Integer("turns", "Behind so many turns of the person, each with its reply.", 1, ScenarioLimits.Turns, absent: null, required: true) ?? 1,
            ends.Text("phrase", "Behind the turn in which the person says this, in whatever case; absent: no words end it.", ScenarioLimits.PhraseLength, required: false));
        ends.Finish();
        return read;
    }

    private static ScenarioModels Models(Fields? models)
    {
        if (models is null) return new("");

        var read = new ScenarioModels(
            models.Id("partner", "Who plays the partner.") ?? "",
            models.Id("coach", "Who gives hints; absent: the partner's.", required: false),
            models.Id("judge", "Who scores; absent: the partner's.", required: false));
        models.Finish();
        return read;
    }

    private static string Words(Fields fields, string name, string meaning, int most) => ChatAsked.Words(fields, name, meaning, most, required: true) ?? "";

    private static bool IsText(string text) => !string.IsNullOrWhiteSpace(text) && !text.Contains('\0');

    [GeneratedRegex(TagPattern, RegexOptions.CultureInvariant)]
    private static partial Regex Tag();
}
