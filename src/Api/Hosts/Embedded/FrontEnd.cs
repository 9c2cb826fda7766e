using Agora.Hosting;

namespace Agora.Api.Hosts;

/// <summary>The embedded engine is one process, which serves the API itself.</summary>
internal static class FrontEnd
{
    public static Task<int> Run(AgoraSettings _) =>
        Task.FromResult(CommandLine.Refuse("A front end of its own needs the Orleans build: dotnet build src/Api -p:GrainRuntime=Orleans; src/Silo serves the API in its own process."));
}
