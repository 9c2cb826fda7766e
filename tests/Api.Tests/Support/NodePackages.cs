using Agora.Testing;

namespace Agora.Api.Tests.Support;

/// <summary>Programs of package.json, on Node.</summary>
internal static class NodePackages
{
    private const string Project = "tests/Api.Tests";

    /// <summary>Where they are installed.</summary>
    public static string Folder { get; } = Repository.File(Project);

    /// <summary>Why they cannot be run here; null when they can.</summary>
    public static string? Missing { get; } = NodeProgram.Missing(Project, ".bin/redocly", ".bin/openapi-typescript", ".bin/tsc", "gpt-tokenizer", "oauth2-mock-server", "@a2a-js/sdk", "@durable-streams/server-conformance-tests", "ws", "protobufjs");

    public static string Program(string name) => Path.Combine(Folder, "node_modules", ".bin", name);

    /// <inheritdoc cref="NodeProgram.Run"/>
    public static Task<string> Run(string input, params string[] script) => NodeProgram.Run(Project, input, script);

    public static Task<(int ExitCode, string Output, string Errors)> Ended(string input, params string[] script) =>
        NodeProgram.Ended(Project, input, script, ("REDOCLY_TELEMETRY", "off"), ("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"), ("NO_COLOR", "1"));
}

/// <summary>Where Node or a package is missing the test is skipped by name.</summary>
public sealed class NodePackagesFactAttribute : FactAttribute
{
    public NodePackagesFactAttribute() => Skip = NodePackages.Missing;
}

/// <inheritdoc cref="NodePackagesFactAttribute"/>
public sealed class NodePackagesTheoryAttribute : TheoryAttribute
{
    public NodePackagesTheoryAttribute() => Skip = NodePackages.Missing;
}
