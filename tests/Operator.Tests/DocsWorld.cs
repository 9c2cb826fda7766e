using System.Text.Json;
using Agora.Api.Documents;
using Agora.Operator.Reference;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Agora.Operator.Tests;

/// <summary>The reference alone, of a document that no server serves.</summary>
internal static class DocsWorld
{
    public static async Task<WebApplication> Start(JsonElement document, params (string Code, string Text)[] errors)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddSingleton<IApiDocument>(new Fixed(document, errors)).AddDocs();
        var app = builder.Build();
        app.MapDocs();
        await app.StartAsync();
        return app;
    }

    internal sealed class Fixed(JsonElement document, IReadOnlyList<(string Code, string Text)> errors) : IApiDocument
    {
        public IReadOnlyList<(string Code, string Text)> Errors => errors;

        public string? Error(string code, string language) => errors.Where(error => error.Code == code).Select(static error => error.Text).FirstOrDefault();

        public JsonElement Read() => document;
    }
}
