using Agora.Hosting;

namespace Agora.FrontEnd;

/// <summary>The embedded engine is one process, which serves the API itself.</summary>
internal static class Server
{
    public static Task<int> Run(AgoraSettings _) =>
        Task.FromResult(CommandLine.Refuse("A front end of its own needs the Orleans build: dotnet build src/FrontEnd -p:GrainRuntime=Orleans; src/Silo serves the API in its own process."));
}
