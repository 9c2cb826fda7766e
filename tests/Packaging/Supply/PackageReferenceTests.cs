using System.Diagnostics;
using System.IO.Compression;
using System.Reflection.Metadata;
using Agora.Crash.Support;
using Agora.Testing.Postgres;

namespace Agora.Packaging.Supply;

/// <summary>A service of an engineer outside this repository: the packages are all that it has of Agora, and what its machine has restored before is all that it has of the network.</summary>
public sealed class PackageReferenceTests : IDisposable
{
    private const string ServiceKey = "key-of-the-service-topper-0123456789";
    private static readonly Guid EmbeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE"); // of portable PDBs
    private readonly string _place = Directory.CreateTempSubdirectory("agora-packages-").FullName;

    [OutsideFact]
    public async Task The_internal_service_is_built_with_the_package_alone_and_is_served_by_a_silo()
    {
        var feed = Directory.CreateDirectory(Path.Combine(_place, "feed")).FullName;
        foreach (var project in (string[])["X402", "Models", "Core", "Contracts", "Client"])
        {
            Checks.Run("dotnet", "pack", Repository.File($"src/{project}"), "-c", Configuration, "--no-build", "--nologo", "-o", feed, "-nodeReuse:false");
            HasAllThatADeveloperNeeds(Assert.Single(Directory.GetFiles(feed, $"Agora.{project}.*.nupkg")), project);
        }

        var service = Directory.CreateDirectory(Path.Combine(_place, "service")).FullName;
        foreach (var file in Directory.GetFiles(Repository.File("samples/InternalService"))) File.Copy(file, Path.Combine(service, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(service, "nuget.config"), $"""
            <configuration>
              <packageSources><clear /><add key="agora" value="{feed}" /></packageSources>
              <config><add key="globalPackagesFolder" value="{Path.Combine(_place, "restored")}" /></config>
              <fallbackPackageFolders><add key="machine" value="{Restored()}" /></fallbackPackageFolders>
            </configuration>
            """);
        Checks.Run("dotnet", "build", service, "-c", "Release", "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false");
        var program = Path.Combine(service, "bin/Release/net10.0/InternalService.dll");

        using var directory = new DataDirectory();
        var database = PostgresServer.Shared.CreateDatabase("package_reference");
        await using var silo = await ServerProcess.Start(directory.Path, ServerProcess.FreeAddress(), arguments: ["--postgres", database], surroundings: new(new Dictionary<string, string> { ["AGORA_SERVICE_KEYS"] = $"topper:{ServiceKey}:wallet" }));
        Assert.Equal((0, "agent:buyer has 100 cents"), await Run(program, database, "deposit", "agent:buyer", "100"));
        Assert.Equal((0, "agent:buyer has 150 cents"), await Run(program, database, "deposit", "agent:buyer", "50"));
        Assert.Equal((1, "unauthorized: The service 'topper' may not send commands to entities of this kind."), await Run(program, database, "top-up", "survey", "100"));
    }

    public void Dispose() => Directory.Delete(_place, recursive: true);

    private static void HasAllThatADeveloperNeeds(string file, string project)
    {
        using var package = ZipFile.OpenRead(file);
        var names = package.Entries.Select(static entry => entry.FullName).ToList();
        Assert.Contains($"lib/net10.0/Agora.{project}.dll", names);
        Assert.Contains($"lib/net10.0/Agora.{project}.xml", names);
        Assert.Equal(project == "Client", names.Contains("README.md"));
        using var symbols = new MemoryStream();
        using (var entry = package.GetEntry($"lib/net10.0/Agora.{project}.pdb")!.Open()) entry.CopyTo(symbols);
        symbols.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        var reader = provider.GetMetadataReader();
        Assert.All(reader.Documents, document => Assert.Contains(reader.GetCustomDebugInformation(document), information => reader.GetGuid(reader.GetCustomDebugInformation(information).Kind) == EmbeddedSource));
    }

    private static async Task<(int ExitCode, string Output)> Run(string program, string database, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (start.Environment["AGORA_POSTGRES"], start.Environment["SERVICE_NAME"], start.Environment["SERVICE_KEY"]) = (database, "topper", ServiceKey);
        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Hang.Timeout);
            return (process.ExitCode, $"{await output}{await errors}".Trim());
        }
        finally
        {
            process.Kill();
        }
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name is "release" ? "Release" : "Debug";

    /// <summary>Where this machine keeps the packages that it has restored.</summary>
    private static string Restored() => Checks.Run("dotnet", "nuget", "locals", "global-packages", "--list").Split(": ", 2)[1].Trim();
}

/// <summary>Skipped, with the reason, where no PostgreSQL can be started.</summary>
public sealed class OutsideFactAttribute : FactAttribute
{
    public OutsideFactAttribute() => Skip = PostgresServer.Missing;
}
