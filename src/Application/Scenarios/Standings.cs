using Agora.Core.Scenarios;

namespace Agora.Application.Scenarios;

/// <summary>What is a strength, and what a weakness: of one play, and of many.</summary>
internal static class Standings
{
    public static (IReadOnlyList<string> Strengths, IReadOnlyList<string> Weaknesses) Of(IEnumerable<(string Id, int Percent)> criteria)
    {
        var all = criteria.ToList();
        return (
            [.. all.Where(static c => c.Percent >= ScenarioLimits.Strength).OrderByDescending(static c => c.Percent).ThenBy(static c => c.Id, StringComparer.Ordinal).Select(static c => c.Id)],
            [.. all.Where(static c => c.Percent < ScenarioLimits.Weakness).OrderBy(static c => c.Percent).ThenBy(static c => c.Id, StringComparer.Ordinal).Select(static c => c.Id)]);
    }

    /// <summary>In whole percent; a half is rounded up.</summary>
    public static int Mean(IReadOnlyList<int> percents) => ((2 * percents.Sum()) + percents.Count) / (2 * percents.Count);
}
