using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Core.Scenarios;

namespace Agora.Application.Scenarios;

/// <summary>A play that is to begin: of a scenario, or of a draft.</summary>
/// <param name="Version">Null: the newest.</param>
internal sealed record PlayAsked(string? ScenarioId, int? Version, ScenarioDefinition? Draft)
{
    public static PlayAsked Read(Call call)
    {
        var body = call.Body;
        var (id, version) = (body.Id("scenario_id", "Which is played; absent where scenario is.", required: false), body.Integer("version", "In which version; absent: the newest.", 1, ScenarioLimits.Versions, absent: null));
        var draft = body.Object("scenario", "A draft that is tried: it is played, scored and paid like any other, and counts in no progress. Absent where scenario_id is.", required: false);
        var played = draft is null ? null : ScenarioForm.Read(draft);
        draft?.Finish();
        if (draft is null == id is null || (draft is not null && version is not null))
        {
            call.Findings.Violate("/scenario_id", "not", "Say what is played: scenario_id, with a version or without, or scenario, which is a draft.");
        }

        return new(id, version, played);
    }
}

/// <summary>A play that is named in the path.</summary>
internal static class PlayId
{
    /// <summary>Null: no play has such an id.</summary>
    public static Guid? Of(Call call) => PathIds.IsGuid(call.Id("play_id"), out var play) ? play : null;
}

/// <param name="ScenarioId">Null: of all.</param>
internal sealed record ProgressAsked(string? ScenarioId)
{
    public static ProgressAsked Read(Call call) => new(call.Query.Text("scenario_id", "Of this scenario alone.", Limits.IdLength));
}
