namespace Agora.Packaging;

public sealed class DockerfileTests
{
    private static readonly string[] Lines = File.ReadAllLines(Repository.File("Dockerfile"));

    [NodeFact]
    public void The_Dockerfile_has_no_findings() => Assert.Equal("", Checks.Of("dockerfile", Repository.Text("Dockerfile")));

    [NodeTheory]
    [InlineData("USER 1654:1654", "USR 1654:1654")]
    [InlineData("EXPOSE 8080", "EXPOSE http")]
    [InlineData("FROM ${RUNTIME_IMAGE}", "FROM")]
    public void A_planted_fault_is_found(string right, string wrong)
    {
        var text = Repository.Text("Dockerfile");
        Assert.Contains(right, text, StringComparison.Ordinal);
        Assert.NotEqual("", Checks.Of("dockerfile", text.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_copied_in_is_there_and_is_sent_to_the_build()
    {
        var sent = Repository.Text(".dockerignore").Split('\n');
        var sources = Lines.Where(l => l.StartsWith("COPY ", StringComparison.Ordinal) && !l.Contains("--from", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1]).ToList();
        Assert.Contains("src/", sources);
        Assert.All(sources, s => Assert.True(Path.Exists(Repository.File(s)) && sent.Contains($"!{s}"), s));
    }

    [Fact]
    public void The_image_exposes_the_ports_of_the_settings_and_starts_what_is_published()
    {
        Assert.Contains($"EXPOSE {Known.HttpPort} {Known.Defaults.Cluster.SiloPort} {Known.Defaults.Cluster.GatewayPort}", Lines);
        Assert.Contains("""ENTRYPOINT ["dotnet", "/app/silo/Agora.Silo.dll"]""", Lines);
        Assert.Contains(Lines, l => l.Contains("dotnet publish src/Silo ", StringComparison.Ordinal) && l.Contains("-o /app/silo", StringComparison.Ordinal));
        Assert.Contains(Lines, l => l.Contains("dotnet publish src/FrontEnd ", StringComparison.Ordinal) && l.Contains("-o /app/front-end", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_user_is_not_root_and_nothing_secret_is_named()
    {
        Assert.Equal("USER 1654:1654", Lines.Last(l => l.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.DoesNotContain(Lines, l => l.Contains("_KEY", StringComparison.Ordinal) || l.Contains("AGORA_POSTGRES", StringComparison.Ordinal));
    }
}
