using Agora.Api;
using Agora.Hosting;
using Agora.Samples.Demo;
using Agora.Silo;

// ./run --demo: the server and, beside it, clients of its HTTP API; with --against, those alone. ./run quickstart: a client too.
try
{
    if (args is [FirstRun.Name, .. var rest]) return await Quickstart.Run(rest);

    var settings = AgoraSettings.Read(CommandLine.Configuration(args));
    if (!settings.Demo) throw new SettingException("This is the demo: --demo is missing. The server alone is src/Silo.");

    return settings.Against is null ? await ApiHost.Run(settings, () => Serve(settings)) : await DemoServices.WalkElsewhere(settings);
}
catch (SettingException e)
{
    return CommandLine.Refuse(e.Message);
}

static async Task<int> Serve(AgoraSettings settings)
{
    await using var demo = await DemoServices.Start(settings);
    return await Server.Run(demo.Allowed(settings), serving => demo.WalkAndTalk(serving.Url, serving.Keys.Admin, serving.Keys.Platform!, settings, serving.Stopping));
}
