using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Agora.Packaging.Supply;

/// <summary>What a release is made of, and the image that this machine makes without an engine.</summary>
public sealed class PartsAndImageTests
{
    private static readonly string[] Projects = [.. Directory.EnumerateDirectories(Repository.File("src")).Select(static project => Path.GetFileName(project)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Shipped => [.. Projects];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void What_a_project_restores_is_locked_by_the_hash_of_its_content(string project)
    {
        using var locked = JsonDocument.Parse(Repository.Text($"src/{project}/packages.lock.json"));
        var packages = locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject().Where(static package => package.Value.GetProperty("type").GetString() != "Project");
        Assert.All(packages, static package => Assert.Equal(88, package.Value.GetProperty("contentHash").GetString()!.Length));
    }

    /// <summary>One restore of the solution, which has every project that is shipped: with CI=true it refuses a lock file that is not what it comes to.</summary>
    [Fact]
    public void Locks_are_what_a_restore_comes_to()
    {
        var solution = Repository.Text("Orleans.sln");
        Assert.All(Projects, project => Assert.Contains($@"""src\{project}\{project}.csproj""", solution, StringComparison.Ordinal));
        Checks.Run("env", "CI=true", "dotnet", "restore", Repository.File("Orleans.sln"), "--verbosity", "quiet");
    }

    [Fact]
    public void A_release_says_each_part_and_its_licence()
    {
        var place = Directory.CreateTempSubdirectory("agora-parts-").FullName;
        try
        {
            var said = Checks.Run(Repository.File("deploy/ci/parts"), place).Split('\n');
            using var silo = JsonDocument.Parse(File.ReadAllText(Path.Combine(place, "silo.json")));
            var parts = silo.RootElement.GetProperty("components").EnumerateArray().Select(static part => $"{part.GetProperty("name").GetString()} {part.GetProperty("version").GetString()}").ToHashSet();

            Assert.Equal(("CycloneDX", "1.6"), (silo.RootElement.GetProperty("bomFormat").GetString(), silo.RootElement.GetProperty("specVersion").GetString()));
            Assert.Equal(Locked("Silo"), parts);
            Assert.Contains(said, static line => line.StartsWith("Npgsql ", StringComparison.Ordinal) && line.EndsWith(": PostgreSQL", StringComparison.Ordinal));
            Assert.Subset(parts, Locked("FrontEnd"));
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>The image has no shell that could look into it, so it is asked as its users ask.</summary>
    [BuildahFact]
    public async Task An_image_from_scratch_starts_answers_and_ends_and_is_set_as_the_Dockerfile_sets_it()
    {
        var name = $"agora-test-{Environment.ProcessId}";
        Checks.Run(Repository.File("deploy/ci/image"), name);
        try
        {
            using var image = JsonDocument.Parse(Checks.Run("buildah", "inspect", "--type", "image", name));
            var config = image.RootElement.GetProperty("OCIv1").GetProperty("config");
            var dockerfile = Repository.Text("Dockerfile");
            Assert.Contains($"USER {config.GetProperty("User").GetString()}", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"EXPOSE {string.Join(' ', config.GetProperty("ExposedPorts").EnumerateObject().Select(static port => int.Parse(port.Name.Split('/')[0], System.Globalization.CultureInfo.InvariantCulture)).Order())}", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"ENTRYPOINT [{string.Join(", ", config.GetProperty("Entrypoint").EnumerateArray().Select(static word => $"\"{word.GetString()}\""))}]", dockerfile, StringComparison.Ordinal);
            Assert.Contains($"STOPSIGNAL {config.GetProperty("StopSignal").GetString()}", dockerfile, StringComparison.Ordinal);
            var set = config.GetProperty("Env").EnumerateArray().Select(static variable => variable.GetString()!).ToList();
            Assert.All(["DOTNET_ENVIRONMENT=Production", "DOTNET_GCgen0size=0x8000000", "DOTNET_EnableDiagnostics=0"], wanted => Assert.True(set.Contains(wanted) && dockerfile.Contains(wanted, StringComparison.Ordinal), wanted));

            await Answers(name);
        }
        finally
        {
            Checks.Run("buildah", "rmi", name);
        }
    }

    private static async Task Answers(string name)
    {
        var container = Checks.Run("buildah", "from", name);
        try
        {
            var port = FreePort.Next();
            Checks.Run("buildah", "config", "--env", "AGENT_API_KEY=an-agents-key-of-a-test-0123456789", "--env", "AGORA_ADMIN_KEY=an-admins-key-of-a-test-0123456789", container);
            using var server = Process.Start(new ProcessStartInfo("buildah", ["run", "--isolation", "chroot", container, "dotnet", "/app/silo/Agora.Silo.dll", "--urls", $"http://127.0.0.1:{port}", "--data", "/var/lib/agora"]))!;
            using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            var patience = Stopwatch.StartNew();
            while (!await IsUp(http))
            {
                Assert.False(server.HasExited, "it ended");
                Assert.True(patience.Elapsed < Hang.Timeout, "it does not answer");
                await Task.Delay(200);
            }
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync(new Uri("/admin/wallets", UriKind.Relative))).StatusCode);
            Checks.Run("kill", "-TERM", $"{server.Id}");
            Assert.True(server.WaitForExit(Hang.Timeout), "it does not end");
        }
        finally
        {
            Checks.Run("buildah", "rm", container);
        }
    }

    private static async Task<bool> IsUp(HttpClient http)
    {
        try
        {
            return (await http.GetAsync(new Uri("/healthz", UriKind.Relative))).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static HashSet<string> Locked(string project)
    {
        using var locked = JsonDocument.Parse(Repository.Text($"src/{project}/packages.lock.json"));
        return [.. locked.RootElement.GetProperty("dependencies").GetProperty("net10.0").EnumerateObject()
            .Where(static package => package.Value.GetProperty("type").GetString() != "Project").Select(static package => $"{package.Name} {package.Value.GetProperty("resolved").GetString()}")];
    }
}

/// <summary>Where buildah and root are.</summary>
public sealed class BuildahFactAttribute : FactAttribute
{
    public BuildahFactAttribute() => Skip =
        Programs.Find("buildah") is null ? "buildah is not on the PATH"
        : Environment.UserName != "root" ? "buildah mounts as root"
        : null;
}
