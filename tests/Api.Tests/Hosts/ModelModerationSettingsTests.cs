using Agora.Hosting;
using Microsoft.Extensions.Configuration;

namespace Agora.Api.Tests.Hosts;

public sealed class ModelModerationSettingsTests : IDisposable
{
    private const string Setting = "AGORA_MODEL_MODERATION";
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void All_of_it_is_read_and_what_is_not_said_is_the_usual()
    {
        File.WriteAllText(_file, "key-1\n");
        var all = Read($$"""{"url":"https://api.openai.com/v1/moderations","key_file":"{{_file}}","model":"m","timeout_seconds":3,"on_failure":"allow"}""")!;
        Assert.Equal(("https://api.openai.com/v1/moderations", "key-1", "m", 3, true), (all.Url.AbsoluteUri, all.Key, all.Model, all.TimeoutSeconds, all.AllowsOnFailure));

        var least = Read("""{"url":"http://127.0.0.1:9/v1/moderations"}""")!;
        Assert.Equal((null, null, 10, false), (least.Key, least.Model, least.TimeoutSeconds, least.AllowsOnFailure));
        Assert.Null(Read(null));
    }

    [Theory]
    [InlineData("""[]""", " must be a JSON object.")]
    [InlineData("""no json""", " must be a JSON object, as docs/models.md has it.")]
    [InlineData("""{"url":"\ud800"}""", " must be a JSON object, as docs/models.md has it.")]
    [InlineData("""{"url":"https://a.example","url":"https://b.example"}""", " must be a JSON object, as docs/models.md has it.")]
    [InlineData("""{}""", ".url is missing: the address of /v1/moderations.")]
    [InlineData("""{"url":"ftp://a.example"}""", ".url must be an http:// or https:// address without user name and fragment.")]
    [InlineData("""{"url":1}""", ".url must be a string.")]
    [InlineData("""{"url":"https://a.example","colour":1}""", ".colour is not known: url, key, key_file, model, timeout_seconds, on_failure are.")]
    [InlineData("""{"url":"https://a.example","key":"a","key_file":"b"}""", ": key or key_file, not both.")]
    [InlineData("""{"url":"https://a.example","key":""}""", ": a key of 1 to ")]
    [InlineData("""{"url":"https://a.example","key_file":"/nowhere"}""", ".key_file: '/nowhere' cannot be read.")]
    [InlineData("""{"url":"https://a.example","timeout_seconds":0}""", ".timeout_seconds must be a whole number from 1 to 60.")]
    [InlineData("""{"url":"https://a.example","timeout_seconds":"5"}""", ".timeout_seconds must be a whole number from 1 to 60.")]
    [InlineData("""{"url":"https://a.example","on_failure":"maybe"}""", ".on_failure must be refuse or allow.")]
    public void What_is_wrong_is_refused_in_one_line(string value, string line) =>
        Assert.StartsWith(Setting + line, Assert.Throws<SettingException>(() => Read(value)).Message, StringComparison.Ordinal);

    private static ModelModerationSettings? Read(string? value) => AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(value is null ? [] : [new(Setting, value)]).Build()).ModelModeration;
}
