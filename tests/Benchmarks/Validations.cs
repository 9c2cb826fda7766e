using System.Diagnostics;
using System.Text.Json;
using Agora.Benchmarks.Results;

namespace Agora.Benchmarks;

/// <summary>An object of ten members against a schema that constrains each of them, on one core; with and without parsing the object.</summary>
internal static class Validations
{
    private static ReadOnlyMemory<byte> Schema => """
        {"type":"object","additionalProperties":false,
         "required":["id","name","email","age","score","active","tags","address","created","note"],
         "properties":{
          "id":{"type":"string","format":"uuid"},"name":{"type":"string","minLength":1,"maxLength":100},"email":{"type":"string","format":"email"},
          "age":{"type":"integer","minimum":0,"maximum":150},"score":{"type":"number","multipleOf":0.5},"active":{"type":"boolean"},
          "tags":{"type":"array","items":{"enum":["a","b","c"]},"uniqueItems":true,"maxItems":5},
          "address":{"type":"object","required":["city"],"properties":{"city":{"type":"string"},"zip":{"type":"string","pattern":"^[0-9]{5}$"}}},
          "created":{"type":"string","format":"date-time"},"note":{"type":["string","null"]}}}
        """u8.ToArray();

    private static ReadOnlyMemory<byte> Instance => """
        {"id":"0198c0de-0000-7000-8000-000000000000","name":"A name","email":"someone@example.com","age":42,"score":7.5,"active":true,
         "tags":["a","b"],"address":{"city":"Kyoto","zip":"60000"},"created":"2030-01-01T00:00:00Z","note":null}
        """u8.ToArray();

    public static Measures Run(Options options)
    {
        var seconds = options.Number("seconds", 3);
        var schema = JsonSchema.Schema.Compile(Schema).Schema ?? throw new InvalidOperationException("The schema does not compile.");
        var bytes = Instance;
        using var parsed = JsonDocument.Parse(bytes);
        if (!schema.IsValid(parsed.RootElement)) throw new InvalidOperationException("The instance is not valid.");

        var alone = Rate(seconds, () => schema.IsValid(parsed.RootElement));
        var both = Rate(seconds, () =>
        {
            using var fresh = JsonDocument.Parse(bytes);
            return schema.IsValid(fresh.RootElement);
        });
        return Measures.Of(("validations a second, one core", Report.Of(alone), "goal 100,000"),
            ("the same with parsing", Report.Of(both), ""));
    }

    private static double Rate(int seconds, Func<bool> validate)
    {
        Count(1, validate);
        var started = Stopwatch.GetTimestamp();
        var count = Count(seconds, validate);
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static long Count(int seconds, Func<bool> validate)
    {
        var count = 0L;
        for (var ends = Stopwatch.GetTimestamp() + (seconds * Stopwatch.Frequency); Stopwatch.GetTimestamp() < ends; count++)
        {
            if (!validate()) throw new InvalidOperationException("The instance is not valid.");
        }

        return count;
    }
}
