using Microsoft.Extensions.Configuration;

namespace Agora.Hosting;

/// <summary>A file of settings beside the program; one that is not there holds none.</summary>
internal static class SettingsFile
{
    /// <exception cref="SettingException">It is not JSON, or has a key that is no setting.</exception>
    public static IConfiguration Read(string name) => Read(AppContext.BaseDirectory, name);

    /// <summary>
    /// The file of the environment that DOTNET_ENVIRONMENT names; then it has to be there. Without a name there is none: the defaults
    /// in the code are those of one machine, and no start may listen to the network because nothing was said.
    /// </summary>
    public static IConfiguration OfEnvironment()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is not { Length: > 0 } environment) return new ConfigurationBuilder().Build();

        var name = $"appsettings.{environment}.json";
        return File.Exists(Path.Combine(AppContext.BaseDirectory, name)) ? Read(name) : throw new SettingException($"DOTNET_ENVIRONMENT: there is no file '{name}' beside the program.");
    }

    internal static IConfiguration Read(string directory, string name)
    {
        var file = Load(Path.Combine(directory, name));
        var unknown = file.AsEnumerable().Select(s => s.Key).Except(AgoraSettings.Names(), StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).FirstOrDefault();
        return unknown is null ? file : throw new SettingException($"{name}: '{unknown}' is not a setting.");
    }

    private static IConfigurationRoot Load(string path)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(path, optional: true).Build();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            throw new SettingException($"{Path.GetFileName(path)} is not a JSON object of settings.");
        }
    }
}
