using System.Text.Json;
using Agora.Application.Catalogue;
using Agora.Application.Values;

namespace Agora.Api.Models;

/// <summary>Models as each maker's clients list them: those whose category the session's scopes allow.</summary>
internal static class ModelLists
{
    public static byte[] OpenAi(IReadOnlyList<ServiceEntry> all) => Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("object"u8, "list"u8);
        writer.WriteStartArray("data"u8);
        foreach (var model in all) WriteOpenAi(writer, model);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    public static byte[] OpenAi(ServiceEntry model) => Written(writer => WriteOpenAi(writer, model));

    public static byte[] Anthropic(IReadOnlyList<ServiceEntry> all) => Written(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("data"u8);
        foreach (var model in all) WriteAnthropic(writer, model);
        writer.WriteEndArray();
        writer.WriteBoolean("has_more"u8, false);
        writer.WriteString("first_id"u8, all.Count == 0 ? null : all[0].ServiceId);
        writer.WriteString("last_id"u8, all.Count == 0 ? null : all[^1].ServiceId);
        writer.WriteEndObject();
    });

    public static byte[] Anthropic(ServiceEntry model) => Written(writer => WriteAnthropic(writer, model));

    private static void WriteOpenAi(Utf8JsonWriter writer, ServiceEntry model)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, model.ServiceId);
        writer.WriteString("object"u8, "model"u8);
        writer.WriteNumber("created"u8, model.UpdatedAt.ToUnixTimeSeconds());
        writer.WriteString("owned_by"u8, model.Definition.ModelProvider);
        writer.WriteEndObject();
    }

    private static void WriteAnthropic(Utf8JsonWriter writer, ServiceEntry model)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "model"u8);
        writer.WriteString("id"u8, model.ServiceId);
        writer.WriteString("display_name"u8, model.Definition.Name);
        writer.WriteString("created_at"u8, model.UpdatedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    }

    private static byte[] Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, ApiJson.WriterOptions)) write(writer);
        return stream.ToArray();
    }
}
