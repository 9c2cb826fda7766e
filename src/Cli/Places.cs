namespace Agora.Cli;

/// <summary>Files that are kept between calls, which their owner alone can read.</summary>
internal static class Places
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Whole or not at all: a second one is written beside it and takes its place.</summary>
    public static void Write(string folder, string place, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersOnly;
        }

        try
        {
            var next = $"{place}.{Environment.ProcessId}.next";
            Directory.CreateDirectory(folder);
            using (var file = new StreamWriter(next, options))
            {
                file.Write(text);
            }

            File.Move(next, place, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CliException.Wrong($"{folder} cannot be written, where profiles and the server's description are kept: XDG_CONFIG_HOME names another place.");
        }
    }
}
