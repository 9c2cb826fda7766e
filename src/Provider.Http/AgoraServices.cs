using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Provider.Http;

/// <summary>How services are served.</summary>
public sealed class AgoraServiceOptions
{
    /// <summary>The endpoint that is registered with Agora, without the service's own path: a call that is signed for another address is refused, whatever Host says.</summary>
    public required Uri Url { get; set; }

    /// <summary>Whose key set is taken; null: AGENT_API_URL of the environment, else http://127.0.0.1:8080.</summary>
    public Uri? Agora { get; set; }

    /// <summary>false: anybody may call.</summary>
    public bool Verify { get; set; } = true;

    /// <summary>Null: by the key set.</summary>
    public FindKey? FindKey { get; set; }

    public IAnswers Answers { get; set; } = new AnswersInMemory();

    public TimeProvider Time { get; set; } = TimeProvider.System;
}

/// <summary>Services that Agora's agents run, as minimal APIs.</summary>
public static class AgoraServices
{
    /// <param name="url">Where Agora reaches this process.</param>
    public static IServiceCollection AddAgoraServices(this IServiceCollection services, Uri url, Action<AgoraServiceOptions>? configure = null)
    {
        var options = new AgoraServiceOptions { Url = url };
        configure?.Invoke(options);
        return services.AddSingleton(options).AddSingleton<ServiceDoor>(provider => new(options, provider.GetRequiredService<ILoggerFactory>().CreateLogger("Agora.Provider")));
    }

    /// <summary>A function as a service that an agent offers: its argument's type is the input schema, what it returns the output schema.</summary>
    public static MappedService Service<TInput, TOutput>(AgoraService service, Func<TInput, AgoraCall, Task<TOutput>> run) =>
        Service<TInput>(service, InputSchema.Of(Output(typeof(TOutput))), async (input, call) => await run(input, call));

    /// <summary>The same of one that is done at once.</summary>
    public static MappedService Service<TInput, TOutput>(AgoraService service, Func<TInput, TOutput> run) => Service<TInput, TOutput>(service, (input, _) => Task.FromResult(run(input)));

    /// <summary>A function as a service, at <c>/{id}</c>: its argument's type is the input schema, what it returns the output schema.</summary>
    public static MappedService MapAgoraService<TInput, TOutput>(this IEndpointRouteBuilder routes, AgoraService service, Func<TInput, AgoraCall, Task<TOutput>> run) =>
        Map<TInput>(routes, service, InputSchema.Of(Output(typeof(TOutput))), async (input, call) => await run(input, call), streams: false);

    /// <summary>The same of one that is done at once.</summary>
    public static MappedService MapAgoraService<TInput, TOutput>(this IEndpointRouteBuilder routes, AgoraService service, Func<TInput, TOutput> run) =>
        routes.MapAgoraService<TInput, TOutput>(service, (input, _) => Task.FromResult(run(input)));

    /// <summary>A service whose output is one JSON array: its items are sent as they come.</summary>
    public static MappedService MapAgoraStream<TInput, TItem>(this IEndpointRouteBuilder routes, AgoraService service, Func<TInput, AgoraCall, IAsyncEnumerable<TItem>> run) =>
        Map<TInput>(routes, service, new JsonObject { ["type"] = "array", ["items"] = InputSchema.Of(typeof(TItem)) }, (input, call) => Task.FromResult<object?>(Items(run(input, call))), streams: true);

    private static MappedService Map<TInput>(IEndpointRouteBuilder routes, AgoraService service, JsonNode output, Func<TInput, AgoraCall, Task<object?>> run, bool streams)
    {
        var mapped = Service(service, output, run);
        routes.ServiceProvider.GetService<ServiceDoor>()?.Warn(service);
        routes.MapPost($"/{service.Id}", (HttpContext http) => http.RequestServices.GetRequiredService<ServiceDoor>().Run(http, service, run, streams));
        routes.MapDelete($"/{service.Id}", (HttpContext http) => http.RequestServices.GetRequiredService<ServiceDoor>().Cancel(http, service));
        return mapped;
    }

    private static MappedService Service<TInput>(AgoraService service, JsonNode output, Func<TInput, AgoraCall, Task<object?>> run) => new(service, InputSchema.Of(typeof(TInput)), output, async (body, call) =>
    {
        var (input, broken) = InputSchema.Read<TInput>(body.Span);
        if (broken.Count > 0) throw new RefusedException($"The input is not valid: {broken[0].Path} {broken[0].Message}", "validation_failed");
        var said = await run(input!, call);
        return JsonSerializer.SerializeToNode(said is IMetered metered ? metered.Output : said is IAsyncEnumerable<object?> items ? await items.ToListAsync() : said, InputSchema.Json);
    });

    private static Type Output(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Metered<>) ? type.GenericTypeArguments[0] : type;

    private static async IAsyncEnumerable<object?> Items<TItem>(IAsyncEnumerable<TItem> items)
    {
        await foreach (var item in items) yield return item;
    }
}
