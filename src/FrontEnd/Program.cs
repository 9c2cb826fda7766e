using Agora.FrontEnd;
using Agora.Hosting;

// The front end of a cluster: the HTTP API in a process of its own, whose grains are in silos elsewhere.
if (args is ["help" or "--help" or "-h", ..])
{
    Console.WriteLine("""
        Agora.FrontEnd --postgres CONNSTR [--urls http://127.0.0.1:8080] [--data DIR] [--tls-cert FILE --tls-key FILE]
        Settings of the environment are listed in docs/settings.md; they are the silos'.
        """);
    return 0;
}

try
{
    return await Server.Run(AgoraSettings.Read(CommandLine.Configuration(args)));
}
catch (SettingException e)
{
    return CommandLine.Refuse(e.Message);
}
