using Agora.Hosting;
using Agora.Silo;
using Agora.Silo.Verbs;

// Verbs first; everything else is the server.
try
{
    return args switch
    {
        _ when args.Any(arg => arg is "--help" or "-h") => Usage.Print(),
        ["verify-journal", ..] => await VerifyJournal.Run(args[1..]),
        ["check", ..] => await Check.Run(args[1..]),
        ["archive", ..] => await ArchiveSessions.Run(args[1..]),
        ["rebuild", ..] => await RebuildTables.Run(args[1..]),
        ["rotate-key", ..] => RotateKey.Run(args[1..]),
        ["rotate-signing-key", ..] => await SigningKey.Rotate(args[1..]),
        ["remove-signing-key", ..] => await SigningKey.Remove(args[1..]),
        ["keep-signing-key", ..] => await SigningKey.Keep(args[1..]),
        ["check-service", ..] => await CheckService.Run(args[1..]),
        ["healthcheck", ..] => await HealthCheck.Run(args[1..]),
        ["--version"] => Usage.PrintVersion(),
        ["help", ..] => Usage.Print(),
        _ => AgoraSettings.Read(CommandLine.Configuration(args)) is { Demo: false } settings
            ? await Server.Run(settings)
            : throw new SettingException("--demo is another program: ./run --demo starts it."),
    };
}
catch (SettingException e)
{
    return CommandLine.Refuse(e.Message);
}
