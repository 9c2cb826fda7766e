using System.IO.Compression;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What would be published of the C# projects.</summary>
public sealed class PackageTests
{
    [Theory]
    [InlineData("Client.Http")]
    [InlineData("Provider.Http")]
    public async Task Its_package_has_its_library_and_its_readme_and_knows_no_project_of_the_server(string project)
    {
        var folder = Directory.CreateTempSubdirectory("agora-pack-").FullName;
        try
        {
            await ClientProgram.Run($"src/{project}", new Dictionary<string, string>(), "dotnet", "pack", "-c", Configuration, "--no-build", "--nologo", "-o", folder);

            using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder, $"Agora.{project}.*.nupkg")));
            var names = package.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains($"lib/net10.0/Agora.{project}.dll", names);
            Assert.Contains("README.md", names);
            Assert.Contains("LICENSE", names);
            using var nuspec = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
            var depends = (await nuspec.ReadToEndAsync()).Split('\n').Where(line => line.Contains("<dependency ", StringComparison.Ordinal)).ToList();
            Assert.All(depends, line => Assert.Contains("\"Agora.Client.Http\"", line, StringComparison.Ordinal));
            Assert.Equal(project == "Provider.Http" ? 1 : 0, depends.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name is "release" ? "Release" : "Debug";
}
