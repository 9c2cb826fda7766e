using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Benchmarks.Results;

/// <summary>One call of <c>all</c>: what <c>bench/results.json</c> holds, and the page is written from.</summary>
/// <param name="Mode"><c>quick</c> or <c>full</c>.</param>
/// <param name="Commit">With a <c>+</c>, where files differed from it.</param>
internal sealed record Run(string Mode, DateTimeOffset At, string Commit, Machine Machine, IReadOnlyList<PartResult> Parts)
{
    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public static Run Read(string file) => JsonSerializer.Deserialize<Run>(File.ReadAllText(file), Written)!;

    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, Written) + "\n");

    public Measures? Of(string part) => Parts.FirstOrDefault(p => p.Name == part)?.Measures;
}

/// <param name="Arguments">All that the part was called with, so that who repeats it gets the same.</param>
/// <param name="Commit">Which may be another than the run's, where others of its parts were measured anew.</param>
/// <param name="LoadBefore">The machine's load average of a minute when it began.</param>
/// <param name="Failed">Why it has no measures.</param>
internal sealed record PartResult(string Name, string Arguments, string Commit, double Seconds, string LoadBefore, Measures? Measures, string? Failed = null);

/// <param name="Memory">Gigabytes that the system says it has.</param>
/// <param name="Postgres">As its program says; null: there is none.</param>
internal sealed record Machine(int Cores, string Processor, double Memory, string System, string DotNet, string? Postgres)
{
    public static Machine Here() => new(
        Environment.ProcessorCount,
        Report.Processor(),
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1_073_741_824.0, 1),
        RuntimeInformation.OSDescription,
        Environment.Version.ToString(),
        Report.Said("pg_config", "--version") ?? Report.Said("psql", "--version"));

    public override string ToString() => string.Join(", ", new[] { $"{Cores} cores of {Processor}", $"{Report.Of(Memory, 1)} GB of memory", System, $".NET {DotNet}", Postgres }.OfType<string>());
}
