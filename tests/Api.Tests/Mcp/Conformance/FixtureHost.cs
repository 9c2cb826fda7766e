#pragma warning disable MCP9004, MCP9005 // what later revisions do without is asked for still
using Agora.Api.Hosts;
using Agora.Api.Mcp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Tests.Mcp.Conformance;

/// <summary>The door of /mcp, with the tools, prompts and resources behind it that the protocol's conformance suite asks for; whoever asks may come in.</summary>
internal sealed class FixtureHost : IAsyncDisposable
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(5);

    private readonly WebApplication _app;

    private FixtureHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(WebServer.Configure);
        _app = builder.Build();
        var door = new McpDoor(new(http => Task.FromResult(HostRules.Refusal(http, [], [])), Options));
        _app.MapPost("/mcp", door.Handle);
    }

    public string Address => $"{_app.Urls.Single()}/mcp";

    public static async Task<FixtureHost> Start()
    {
        var host = new FixtureHost();
        await host._app.StartAsync();
        return host;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static McpServerOptions Options(string revision)
    {
        var options = new McpServerOptions
        {
            ProtocolVersion = revision,
            ServerInfo = new() { Name = "agora-fixture", Version = "1" },
            ScopeRequests = false,
            ToolCollection = [.. FixtureTools.All, .. FixtureQuestions.Tools],
            PromptCollection = [.. FixturePrompts.All, FixtureQuestions.Prompt],
            ResourceCollection = [.. FixtureResources.All],
            Handlers = new()
            {
                CompleteHandler = static (_, _) => ValueTask.FromResult(new CompleteResult { Completion = new() { Values = [], Total = 0, HasMore = false } }),
                SetLoggingLevelHandler = static (_, _) => ValueTask.FromResult(new EmptyResult()),
            },
        };
        var filters = options.Filters.Request;
        filters.ListToolsFilters.Add(Kindly<ListToolsRequestParams, ListToolsResult>);
        filters.ListPromptsFilters.Add(Kindly<ListPromptsRequestParams, ListPromptsResult>);
        filters.ListResourcesFilters.Add(Kindly<ListResourcesRequestParams, ListResourcesResult>);
        filters.ListResourceTemplatesFilters.Add(Kindly<ListResourceTemplatesRequestParams, ListResourceTemplatesResult>);
        filters.ReadResourceFilters.Add(Kindly<ReadResourceRequestParams, ReadResourceResult>);
        return options;
    }

    /// <summary>Says how long the result may be kept.</summary>
    private static McpRequestHandler<TParams, TResult> Kindly<TParams, TResult>(McpRequestHandler<TParams, TResult> next)
        where TResult : Result, ICacheableResult => async (context, cancel) =>
        {
            var result = await next(context, cancel);
            (result.TimeToLive, result.CacheScope) = (Kept, CacheScope.Public);
            return result;
        };
}
