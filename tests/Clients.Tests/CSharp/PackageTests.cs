using System.IO.Compression;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What would be published of the C# projects.</summary>
public sealed class PackageTests
{
    [Theory]
    [InlineData("Crypto", null)]
    [InlineData("Client.Http", "Crypto")]
    [InlineData("Provider.Http", "Client.Http")]
    public async Task Its_package_has_its_library_and_its_readme_and_knows_one_other_at_most(string project, string? knows)
    {
        var folder = Directory.CreateTempSubdirectory("agora-pack-").FullName;
        try
        {
            await ClientProgram.Run($"src/{project}", new Dictionary<string, string>(), "dotnet", "pack", "-c", Configuration, "--no-build", "--nologo", "-o", folder);

            using var package = ZipFile.OpenRead(Assert.Single(Directory.GetFiles(folder, $"Agora.{project}.*.nupkg")));
            var names = package.Entries.Select(entry => entry.FullName).ToList();
            Assert.Contains($"lib/net10.0/Agora.{project}.dll", names);
            Assert.Equal(project != "Crypto", names.Contains("README.md"));
            Assert.Contains("LICENSE", names);
            using var nuspec = new StreamReader(package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
            var depends = (await nuspec.ReadToEndAsync()).Split('\n').Where(line => line.Contains("<dependency ", StringComparison.Ordinal)).ToList();
            Assert.All(depends, line => Assert.Contains($"\"Agora.{knows}\"", line, StringComparison.Ordinal));
            Assert.Equal(knows is null ? 0 : 1, depends.Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name is "release" ? "Release" : "Debug";
}
