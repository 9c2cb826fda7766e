using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Application.Models;

/// <summary>What was paid though nothing came of it: a refusal names it, so that nobody has to look for it in a bill.</summary>
internal static class PaidRuns
{
    public static Rejection Named(Rejection why, IReadOnlyList<Guid> runs) => runs.Count == 0 ? why : why.WithRaw(Fact.PaidRuns, JsonSerializer.Serialize(runs, StoredJson.Options));
}
