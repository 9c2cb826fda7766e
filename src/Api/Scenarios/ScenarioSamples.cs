using System.Text.Json;
using Agora.Application.Values;
using Agora.Core.Kernel;

namespace Agora.Api.Scenarios;

/// <summary>Scenarios that the product brings: a trainer takes one, changes what is not as at their place, and puts it.</summary>
internal static class ScenarioSamples
{
    private const string Begins = "scenario.";

    /// <summary>By their names.</summary>
    public static ScenarioSamplesData Data { get; } = new([.. Names().Select(static name => new ScenarioSampleData(name[Begins.Length..^".json".Length], RawJson.Of(Text(name))!))]);

    private static IEnumerable<string> Names() => typeof(ScenarioSamples).Assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Begins, StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string Text(string name)
    {
        using var stream = typeof(ScenarioSamples).Assembly.GetManifestResourceStream(name)!;
        using var read = JsonDocument.Parse(stream);
        return JsonSerializer.Serialize(read.RootElement, StoredJson.Options);
    }
}

internal sealed record ScenarioSamplesData(IReadOnlyList<ScenarioSampleData> Samples)
{
    public const string Example = $$"""{"samples":[{"sample_id":"reporting-en","scenario":{{ScenarioData.Body}}}]}""";
}

/// <param name="Scenario">As a put takes it.</param>
internal sealed record ScenarioSampleData(string SampleId, RawJson Scenario);
