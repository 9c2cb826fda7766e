using System.IO.Compression;

namespace Agora.Clients.Tests.CSharp;

/// <summary>What would be published of the C# projects.</summary>
public sealed class PackageTests
{
    [Theory]
    [InlineData("Crypto", "NSec.Cryptography")]
    [InlineData("Client.Http", "Agora.Crypto")]
    [InlineData("Provider.Http", "Agora.Client.Http", "Agora.Crypto")]
    public async Task Its_package_has_its_library_and_its_readme_and_depends_on_packages_of_ours_and_for_cryptography_on_NSec(string project, params string[] knows)
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
            Assert.Equal(knows.Length, depends.Count);
            Assert.All(knows, known => Assert.Contains(depends, line => line.Contains($"\"{known}\"", StringComparison.Ordinal)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Name is "release" ? "Release" : "Debug";
}
