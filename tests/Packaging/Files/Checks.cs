using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Agora.Packaging;

/// <summary>What other programs find in the files: check.mjs with the packages of package.json, kustomize, shells.</summary>
internal static class Checks
{
    private static readonly string Script = Repository.File("tests/Packaging/check.mjs");

    /// <summary>Why schemas cannot be asked here; null when they can.</summary>
    public static string? NodeMissing { get; } =
        Programs.Find("node") is null ? "Node is not on the PATH"
        : Directory.Exists(Repository.File("tests/Packaging/node_modules")) ? null
        : "the npm packages of tests/Packaging are not here: npm ci --prefix tests/Packaging";

    public static string? KustomizeMissing { get; } = (Programs.Find("kustomize") ?? Programs.Find("kubectl")) is null ? "neither kustomize nor kubectl is on the PATH" : null;

    /// <summary>One finding a line.</summary>
    public static string Of(string what, string text) => RunOn(text, "node", Script, what);

    public static JsonNode[] Documents(string text) => [.. JsonNode.Parse(Of("json", text))!.AsArray().Select(d => d!)];

    /// <summary>What an overlay comes to.</summary>
    public static string Render(string overlay)
    {
        var directory = Repository.File($"deploy/k8s/overlays/{overlay}");
        return Programs.Find("kustomize") is not null ? Run("kustomize", "build", directory) : Run("kubectl", "kustomize", directory);
    }

    public static string Run(string program, params string[] arguments) => RunOn("", program, arguments);

    private static string RunOn(string input, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {errors.Result}{output}");
        return output.Trim();
    }

}

/// <summary>Where Node or the packages are missing the test is skipped by name.</summary>
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = Checks.NodeMissing;
}

public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public NodeTheoryAttribute() => Skip = Checks.NodeMissing;
}

/// <summary>Where overlays cannot be rendered either.</summary>
public sealed class KustomizeFactAttribute : FactAttribute
{
    public KustomizeFactAttribute() => Skip = Checks.NodeMissing ?? Checks.KustomizeMissing;
}

/// <summary>The same for a theory.</summary>
public sealed class KustomizeTheoryAttribute : TheoryAttribute
{
    public KustomizeTheoryAttribute() => Skip = Checks.NodeMissing ?? Checks.KustomizeMissing;
}
