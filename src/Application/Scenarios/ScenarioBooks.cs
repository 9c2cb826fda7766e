using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;
using Agora.Grains.Kernel;

namespace Agora.Application.Scenarios;

/// <summary>Scenarios as the journal has them, in all their versions. Whoever reads one wakes nothing.</summary>
internal sealed class ScenarioBooks(PersonalLog log)
{
    /// <returns>Null: nobody has put it.</returns>
    public async Task<ScenarioBook?> Find(Tenant tenant, string scenarioId, CancellationToken cancel)
    {
        var events = await log.Whole(ScenarioEntity.Entity, tenant.Scenario(scenarioId), cancel);
        var versions = events.Select(static e => e.Happened).OfType<ScenarioEvent.VersionPut>().Select(static put => put.View).ToList();
        return versions.Count == 0 ? null : new(versions, events[^1].Happened is ScenarioEvent.Retired);
    }
}

/// <param name="Versions">From the first on.</param>
internal sealed record ScenarioBook(IReadOnlyList<ScenarioView> Versions, bool IsRetired)
{
    public ScenarioView Newest => Versions[^1];

    /// <summary>Null: there is none of this number.</summary>
    public ScenarioView? Version(int number) => number >= 1 && number <= Versions.Count ? Versions[number - 1] : null;
}
