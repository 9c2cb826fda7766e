namespace Agora.Clients.Tests;

/// <summary>clients/python: its own tests and its examples, against a server.</summary>
[Collection(nameof(ClientWorld))]
public sealed class PythonTests(ClientWorld world)
{
    private const string Folder = "clients/python";

    private IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(world.Settings) { ["PYTHONPATH"] = "src" };

    [InterpreterFact("python3")]
    public Task Its_own_tests_pass() => ClientProgram.Run(Folder, Settings, "python3", "-m", "unittest", "discover", "-t", ".", "-s", "tests");

    /// <summary>The oldest version that it is for.</summary>
    [InterpreterFact("python3.9")]
    public Task Its_own_tests_pass_in_Python_3_9() => ClientProgram.Run(Folder, Settings, "python3.9", "-m", "unittest", "discover", "-t", ".", "-s", "tests");

    [HttpxFact]
    public Task The_tests_of_its_async_form_pass() => ClientProgram.Run(Folder, Settings, HttpxFactAttribute.Python!, "-m", "unittest", "tests.test_aio", "tests.test_readme");

    [InterpreterFact("python3")]
    public async Task Its_example_is_a_paid_run_with_a_receipt() =>
        Assert.Contains("paid 2 cents to provider-textworks", await ClientProgram.Run(Folder, Settings, "python3", "examples/first_run.py"), StringComparison.Ordinal);

    [SealedFact]
    public async Task Its_two_agents_negotiate_sealed_and_pay_each_other()
    {
        var said = await ClientProgram.Run(Folder, Settings, "python3", "examples/two_agents.py");

        Assert.Contains($"```text\n{said.ReplaceLineEndings("\n")}```", await File.ReadAllTextAsync(Repository.File("docs/conversations.md")), StringComparison.Ordinal);
    }
}

/// <summary>Skipped by name where no Python has httpx. A Python beside the system's own does not see the system's packages.</summary>
public sealed class HttpxFactAttribute : FactAttribute
{
    internal static readonly string? Python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => ClientProgram.Can(python, "-c", "import httpx"));

    public HttpxFactAttribute() => Skip = Python is null ? "no python3 here has the package httpx: pip install httpx, or apt-get install python3-httpx" : null;
}

/// <summary>Skipped by name where Python has no cryptography.</summary>
public sealed class SealedFactAttribute : FactAttribute
{
    public SealedFactAttribute() => Skip = ClientProgram.Can("python3", "-c", "import cryptography") ? null : "python3 with the package cryptography is not here";
}
